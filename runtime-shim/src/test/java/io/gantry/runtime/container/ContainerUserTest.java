package io.gantry.runtime.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.runtime.container.ContainerTestBench.Outcome;
import io.gantry.runtime.launch.Launcher;
import io.gantry.runtime.launch.UserNamespaces;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.IdRange;
import io.gantry.runtime.linux.NamespaceKind;
import io.gantry.runtime.linux.Pipe;
import io.gantry.runtime.oci.OciDevice;
import io.gantry.runtime.oci.OciIdMapping;
import io.gantry.runtime.oci.OciMount;
import io.gantry.runtime.oci.OciNamespace;
import io.gantry.runtime.oci.OciUser;
import io.gantry.runtime.rootfs.RootfsMount;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Containers whose users are others on the host. */
@Tag("root")
class ContainerUserTest {
  private static final int OUTSIDE = 300000;
  private static final OciIdMapping MAPPING = new OciIdMapping(0, OUTSIDE, 65536);

  @TempDir Path temp;
  private ContainerTestBench bench;
  private Path upper;

  @BeforeEach
  void setUp() throws Exception {
    bench = new ContainerTestBench(temp);
    upper = Files.createDirectories(temp.resolve("upper"));
    Files.createDirectories(temp.resolve("work"));
    bench.bundle.idMappings.add(MAPPING);
    bench.bundle.namespaces.add(OciNamespace.fresh(OciNamespace.Type.USER));
  }

  @AfterEach
  void tearDown() throws Exception {
    if (bench != null) {
      bench.close();
    }
  }

  /** The bundle's files as a mapped image layer. */
  private List<RootfsMount> mappedRoot() {
    return List.of(
        new RootfsMount(
            "overlay",
            "overlay",
            List.of(
                "lowerdir=" + bench.bundle.rootfs,
                "upperdir=" + upper,
                "workdir=" + temp.resolve("work"),
                "uidmap=0:" + OUTSIDE + ":65536",
                "gidmap=0:" + OUTSIDE + ":65536")));
  }

  private String output(String script) throws Exception {
    bench.bundle.write("sh", "-c", script);
    Container container = bench.create(mappedRoot(), false);
    try (Pipe pipe = bench.linux.files().pipe2(0)) {
      Outcome outcome = bench.finish(container.start(bench.stdio(pipe)), pipe);
      assertEquals(0, outcome.code(), outcome.output());
      return outcome.output();
    }
  }

  private static int owner(Path file) throws Exception {
    return (Integer) Files.getAttribute(file, "unix:uid");
  }

  @Test
  void root_isSomebodyElseOnTheHost() throws Exception {
    String text =
        output("id -u; cat /proc/self/uid_map; cat /proc/self/gid_map; cat /proc/1/status");
    assertTrue(text.startsWith("0\n"), text);
    assertTrue(text.matches("(?s)0\n\\s+0\\s+300000\\s+65536\n\\s+0\\s+300000\\s+65536\n.*"), text);
  }

  @Test
  void imageAndNewFiles_belongToTheContainersRoot() throws Exception {
    assertEquals(
        "0:0\n0:0\n0:0\n",
        output("touch /made; chmod 700 /etc/passwd; stat -c %u:%g / /etc/passwd /made"));
    assertEquals(OUTSIDE, owner(upper.resolve("made")));
    assertEquals(OUTSIDE, owner(upper.resolve("etc/passwd")));
    assertEquals(0, owner(bench.bundle.rootfs.resolve("etc/passwd")));
  }

  @Test
  void devicesAndMounts_belongToTheContainersUsers() throws Exception {
    bench.bundle.devices.add(new OciDevice("/dev/own", 'c', 1, 3, OptionalInt.of(0600), 7, 8));
    assertEquals(
        "0:0\n0:0\n7:8\n0:0\n",
        output(
            "echo x > /dev/null; touch /dev/shm/a /dev/b;"
                + " stat -c %u:%g /dev /dev/null /dev/own /dev/shm"));
  }

  @Test
  void mappedBind_showsAndTakesFilesAsTheContainersOwn() throws Exception {
    Path volume = Files.createDirectories(temp.resolve("volume"));
    Files.writeString(volume.resolve("before"), "x");
    bench.bundle.mounts.add(
        new OciMount(
            "/volume",
            Optional.of("bind"),
            Optional.of(volume.toString()),
            List.of("rbind", "rw"),
            List.of(MAPPING),
            List.of(MAPPING)));
    assertEquals(
        "0:0\n0:0\n", output("touch /volume/new; stat -c %u:%g /volume/before /volume/new"));
    assertEquals(0, owner(volume.resolve("new")));
  }

  @Test
  void unmappedBind_belongsToNobody() throws Exception {
    Path volume = Files.createDirectories(temp.resolve("volume"));
    bench.bundle.mounts.add(
        OciMount.of("/volume", "bind", volume.toString(), List.of("rbind", "rw")));
    assertEquals("65534:65534\n", output("stat -c %u:%g /volume"));
  }

  @Test
  void namespacesOfTheContainer_belongToItsUsers() throws Exception {
    bench.bundle.capabilities = Optional.empty();
    assertEquals("other\n", output("hostname other && ip link set lo down && hostname"));
  }

  @Test
  void mountsOfTheHostsRoot_cannotBeUndone() throws Exception {
    bench.bundle.capabilities = Optional.empty();
    String text =
        output(
            "umount /sys/firmware 2>&1; mount -o remount,rw,bind /proc/sys 2>&1;"
                + " mount -t tmpfs none /tmp && touch /tmp/x && umount /tmp && echo own");
    assertTrue(text.contains("umount: can't unmount /sys/firmware: Invalid argument"), text);
    assertTrue(text.contains("mount: permission denied"), text);
    assertTrue(text.endsWith("own\n"), text);
  }

  @Test
  void otherUser_isMappedToo() throws Exception {
    bench.bundle.user = new OciUser(1000, 1001, OptionalInt.empty(), List.of(1001L, 44L));
    assertEquals("1000 1001 1001 44\n", output("echo $(id -u) $(id -g) $(id -G)"));
  }

  @Test
  void exec_entersTheUserNamespace() throws Exception {
    bench.bundle.write("sh", "-c", "echo ready; sleep 1000");
    Container container = bench.create(mappedRoot(), false);
    bench.startAndAwaitReady(container);
    Outcome outcome =
        bench.exec(
            container,
            bench.bundle.process("sh", "-c", "id -u; cat /proc/self/uid_map; touch /by-exec"));
    assertTrue(outcome.output().matches("0\n\\s+0\\s+300000\\s+65536\n"), outcome.output());
    assertEquals(OUTSIDE, owner(upper.resolve("by-exec")));
  }

  @Test
  void pinnedNamespaces_areJoined() throws Exception {
    List<IdRange> ranges = List.of(new IdRange(0, OUTSIDE, 65536));
    UserNamespaces namespaces = new UserNamespaces(bench.linux, new Launcher(bench.linux));
    try (UserNamespaces.Made made =
            namespaces.create(ranges, ranges, Set.of(NamespaceKind.NETWORK, NamespaceKind.UTS));
        Fd user = made.take(NamespaceKind.USER);
        Fd network = made.take(NamespaceKind.NETWORK)) {
      bench.bundle.namespaces.removeIf(
          n -> n.type() == OciNamespace.Type.USER || n.type() == OciNamespace.Type.NETWORK);
      String self = "/proc/" + bench.linux.processes().pid() + "/fd/";
      bench.bundle.namespaces.add(OciNamespace.at(OciNamespace.Type.USER, self + user.number()));
      bench.bundle.namespaces.add(
          OciNamespace.at(OciNamespace.Type.NETWORK, self + network.number()));
      bench.bundle.capabilities = Optional.empty();
      String wanted = Files.readSymbolicLink(Path.of(self + user.number())).toString();
      assertEquals(wanted + "\n", output("readlink /proc/self/ns/user; ip link set lo up"));
    }
  }

  @Test
  void mappingWithoutRoot_isRefused() throws Exception {
    bench.bundle.idMappings.set(0, new OciIdMapping(1, OUTSIDE, 65536));
    bench.bundle.write("true");
    ContainerException e = assertThrows(ContainerException.class, () -> bench.create());
    assertEquals(ContainerException.Kind.INVALID_SPEC, e.kind());
    assertEquals(
        "container c0: id mappings leave the container's user or group 0 out", e.getMessage());
  }
}
