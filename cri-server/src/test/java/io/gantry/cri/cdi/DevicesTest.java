package io.gantry.cri.cdi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is found in directories of CDI specifications. */
class DevicesTest {
  private static final String PLAIN =
      """
      {"cdiVersion": "0.6.0", "kind": "example.com/net",
       "containerEdits": {"env": ["COMMON=1"]},
       "devices": [
         {"name": "one", "containerEdits": {"env": ["ONE=1"]}},
         {"name": "two", "containerEdits": {"env": ["TWO=%s"]}}]}
      """;

  @TempDir Path temp;
  private Path low;
  private Path high;
  private Devices devices;

  @BeforeEach
  void setUp() throws IOException {
    low = Files.createDirectory(temp.resolve("low"));
    high = Files.createDirectory(temp.resolve("high"));
    devices = new Devices(() -> List.of(low, high, temp.resolve("missing")));
  }

  private List<String> env(String... names) throws IOException {
    return devices.edits(List.of(names)).stream().flatMap(edit -> edit.env().stream()).toList();
  }

  private String refusal(String... names) {
    return assertThrows(IllegalArgumentException.class, () -> env(names)).getMessage();
  }

  @Test
  void commonEdits_comeOnceAndBeforeTheDevices() throws IOException {
    Files.writeString(low.resolve("a.json"), PLAIN.formatted("2"));
    assertEquals(
        List.of("COMMON=1", "TWO=2", "ONE=1"),
        env("example.com/net=two", "example.com/net=one", "example.com/net=two"));
  }

  @Test
  void laterDirectory_goesBeforeAnEarlierOne() throws IOException {
    Files.writeString(low.resolve("a.json"), PLAIN.formatted("low"));
    Files.writeString(
        high.resolve("b.yaml"),
        """
        cdiVersion: 0.5.0
        kind: example.com/net
        devices:
        - name: two
          containerEdits:
            env: [ "TWO=high" ]
        """);
    assertEquals(List.of("TWO=high"), env("example.com/net=two"));
    assertEquals(List.of("COMMON=1", "ONE=1"), env("example.com/net=one"));
  }

  @Test
  void sameDeviceInTwoFilesOfADirectory_cannotBeUsed() throws IOException {
    Files.writeString(low.resolve("a.json"), PLAIN.formatted("1"));
    Files.writeString(low.resolve("b.json"), PLAIN.formatted("2"));
    assertEquals(
        "CDI device example.com/net=one: two files describe it: %s and %s"
            .formatted(low.resolve("a.json"), low.resolve("b.json")),
        refusal("example.com/net=one"));
  }

  @Test
  void unknownDevice_isNamedWithTheFilesThatCouldNotBeRead() throws IOException {
    Files.writeString(low.resolve("a.json"), PLAIN.formatted("1"));
    Files.writeString(low.resolve("torn.json"), "{\"cdiVersion\"");
    Files.writeString(low.resolve("notes.txt"), "no specification");
    String refusal = refusal("example.com/net=three");
    assertTrue(
        refusal.startsWith("CDI device example.com/net=three: no such device in [" + low), refusal);
    assertTrue(refusal.contains("torn.json"), refusal);
    assertTrue(!refusal.contains("notes.txt"), refusal);
  }

  @Test
  void names_mustBeFullyQualified() {
    for (String name :
        List.of("", "one", "net=one", "example.com/net", "example.com/net=-", "/=")) {
      assertTrue(refusal(name).contains("not of the form vendor/class=name"), name);
    }
  }

  @Test
  void directories_areReadAnew() throws IOException {
    refusal("example.com/net=two");
    Files.writeString(high.resolve("new.json"), PLAIN.formatted("new"));
    assertEquals(List.of("COMMON=1", "TWO=new"), env("example.com/net=two"));
    Files.delete(high.resolve("new.json"));
    refusal("example.com/net=two");
  }

  @Test
  void allEdits_areRead() throws IOException {
    Files.writeString(
        low.resolve("a.json"),
        """
        {"cdiVersion": "1.0.0", "kind": "vendor.com/gpu",
         "devices": [{"name": "0", "annotations": {"a": "b"}, "containerEdits": {
           "deviceNodes": [
             {"path": "/dev/gpu0", "hostPath": "/dev/dri/card0", "permissions": "rw",
              "fileMode": 432, "uid": 1, "gid": 44},
             {"path": "/dev/x", "type": "c", "major": 1, "minor": 3}],
           "mounts": [{"hostPath": "/lib/gpu", "containerPath": "/usr/lib/gpu",
                       "options": ["ro", "nosuid"]}],
           "hooks": [{"hookName": "createContainer", "path": "/bin/hook",
                      "args": ["hook", "link"], "env": ["A=b"], "timeout": 5}],
           "additionalGids": [44]}}]}
        """);
    Edits edits = devices.edits(List.of("vendor.com/gpu=0")).get(1);
    assertEquals(
        List.of(
            new Edits.Node(
                "/dev/gpu0",
                "/dev/dri/card0",
                Optional.empty(),
                OptionalLong.empty(),
                OptionalLong.empty(),
                OptionalInt.of(0660),
                "rw",
                1,
                44),
            new Edits.Node(
                "/dev/x",
                "/dev/x",
                Optional.of('c'),
                OptionalLong.of(1),
                OptionalLong.of(3),
                OptionalInt.empty(),
                "rwm",
                0,
                0)),
        edits.nodes());
    assertEquals(
        List.of(new Edits.Bind("/lib/gpu", "/usr/lib/gpu", "", List.of("ro", "nosuid"))),
        edits.mounts());
    assertEquals(
        List.of(
            new Edits.Hook(
                "createContainer",
                "/bin/hook",
                List.of("hook", "link"),
                List.of("A=b"),
                OptionalInt.of(5))),
        edits.hooks());
    assertEquals(List.of(44L), edits.additionalGids());
  }

  @Test
  void edits_thatCannotBeMadeAreRefusedByName() throws IOException {
    Files.writeString(
        low.resolve("a.json"),
        """
        {"cdiVersion": "1.1.0", "kind": "vendor.com/nic",
         "devices": [{"name": "0", "containerEdits": {
           "netDevices": [{"hostInterfaceName": "eth1", "name": "net1"}],
           "intelRdt": {"closID": "a"}}}]}
        """);
    String refusal = refusal("vendor.com/nic=0");
    assertTrue(refusal.contains("gantry cannot do what vendor.com/nic=0"), refusal);
    assertTrue(refusal.endsWith("asks for: netDevices, intelRdt"), refusal);
  }

  @Test
  void wrongSpecifications_areToldOf() throws IOException {
    for (String[] wrong :
        new String[][] {
          {"\"0.6.0\"", "\"9.0.0\"", "cdiVersion \"9.0.0\" is not known"},
          {"example.com/net", "net", "kind \"net\" is not vendor/class"},
          {"\"two\"", "\"one\"", "device one is there twice"},
          {"\"two\"", "\"t/wo\"", "device name \"t/wo\" is not valid"},
          {"ONE=1", "ONE", "env \"ONE\" is not NAME=VALUE"},
          {"[\"COMMON=1\"]", "\"COMMON\"", "env is not a list"}
        }) {
      Files.writeString(low.resolve("a.json"), PLAIN.formatted("2").replace(wrong[0], wrong[1]));
      String refusal = refusal("example.com/net=none");
      assertTrue(refusal.contains(wrong[2]), refusal);
    }
    String head = "{\"cdiVersion\":\"0.6.0\",\"kind\":\"example.com/net\",\"devices\":[";
    Files.writeString(low.resolve("a.json"), head + "]}");
    String empty = refusal("example.com/net=none");
    assertTrue(empty.contains("there are no devices in it"), empty);
    String node = "{\"path\":\"/dev/x\",\"permissions\":\"rwx\"}";
    Files.writeString(
        low.resolve("a.json"),
        head + "{\"name\":\"one\",\"containerEdits\":{\"deviceNodes\":[" + node + "]}}]}");
    String permissions = refusal("example.com/net=none");
    assertTrue(
        permissions.contains("device node /dev/x: permissions \"rwx\" are not of r, w and m"),
        permissions);
  }
}
