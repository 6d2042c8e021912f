package io.gantry.runtime.oci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OciSpecTest {
  private static final String FULL =
      """
      {"ociVersion":"1.2.0","unknown":{"a":[1,2.5,null]},
       "process":{"terminal":true,"consoleSize":{"height":24,"width":80},
         "user":{"uid":1000,"gid":4294967295,"umask":18,"additionalGids":[5,6]},
         "args":["sh","-c","exit 3"],"env":["A=b"],"cwd":"/work",
         "capabilities":{"bounding":["CAP_KILL"],"effective":["CAP_KILL"],"inheritable":[],
           "permitted":["CAP_KILL"],"ambient":["CAP_KILL"]},
         "rlimits":[{"type":"RLIMIT_CORE","hard":18446744073709551615,"soft":0}],
         "noNewPrivileges":true,"apparmorProfile":"p","oomScoreAdj":-5,"selinuxLabel":"l",
         "ioPriority":{"class":"IOPRIO_CLASS_BE","priority":4}},
       "root":{"path":"rootfs","readonly":true},"hostname":"h","domainname":"d",
       "mounts":[{"destination":"/proc","type":"proc","source":"proc","options":["nosuid"],
         "uidMappings":[{"containerID":0,"hostID":1,"size":2}]}],
       "hooks":{"prestart":[{"path":"/bin/true","args":["true"],"env":["X=y"],"timeout":3}]},
       "annotations":{"z":"1","a":"2"},
       "linux":{"namespaces":[{"type":"pid"},{"type":"network","path":"/run/netns/x"}],
         "uidMappings":[{"containerID":0,"hostID":1,"size":2}],
         "devices":[{"path":"/dev/x","type":"c","major":1,"minor":3,"fileMode":438,"uid":1,"gid":2}],
         "cgroupsPath":"/a/b","sysctl":{"net.ipv4.ip_forward":"1"},
         "resources":{"devices":[{"allow":false},{"allow":true,"type":"c","major":1,"minor":-1,"access":"rw"}],
           "memory":{"limit":1,"swap":-1,"disableOOMKiller":false},
           "cpu":{"shares":2,"quota":-1,"period":100000,"cpus":"0-1"},
           "pids":{"limit":7},
           "blockIO":{"weight":10,"throttleReadBpsDevice":[{"major":8,"minor":0,"rate":5}]},
           "hugepageLimits":[{"pageSize":"2MB","limit":9}],"unified":{"memory.high":"1"}},
         "seccomp":{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":38,
           "architectures":["SCMP_ARCH_X86_64"],"flags":["SECCOMP_FILTER_FLAG_LOG"],
           "syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW",
             "args":[{"index":0,"value":18446744073709551615,"valueTwo":1,"op":"SCMP_CMP_EQ"}]}]},
         "rootfsPropagation":"slave","maskedPaths":["/proc/kcore"],"readonlyPaths":["/proc/sys"],
         "mountLabel":"m","intelRdt":{"closID":"c","enableMonitoring":true}}}
      """;

  @Test
  void parse_readsEveryMember() throws Exception {
    OciSpec spec = OciSpecReader.parse(FULL);
    OciProcess process = spec.process().orElseThrow();
    assertEquals(new OciConsoleSize(24, 80), process.consoleSize().orElseThrow());
    assertEquals(
        new OciUser(1000, 4294967295L, OptionalInt.of(18), List.of(5L, 6L)), process.user());
    assertEquals(List.of(new OciRlimit("RLIMIT_CORE", 0, -1L)), process.rlimits());
    assertEquals(OptionalInt.of(-5), process.oomScoreAdj());
    assertEquals(List.of("z", "a"), List.copyOf(spec.annotations().keySet()));
    OciLinux linux = spec.linux();
    assertEquals(
        OciNamespace.at(OciNamespace.Type.NETWORK, "/run/netns/x"),
        linux.namespace(OciNamespace.Type.NETWORK).orElseThrow());
    assertEquals(
        List.of(
            OciDeviceRule.all(false),
            new OciDeviceRule(true, 'c', OptionalLong.of(1), OptionalLong.empty(), "rw")),
        linux.resources().devices());
    assertEquals(OptionalLong.of(-1), linux.resources().memory().swap());
    assertEquals(Optional.of(false), linux.resources().memory().disableOomKiller());
    assertEquals(-1L, linux.seccomp().orElseThrow().syscalls().get(0).args().get(0).value());
    assertEquals("c", linux.intelRdt().orElseThrow().closId().orElseThrow());
  }

  @Test
  void write_isReadBackUnchanged() throws Exception {
    OciSpec spec = OciSpecReader.parse(FULL);
    assertEquals(spec, OciSpecReader.parse(OciSpecWriter.toJson(spec)));
    assertTrue(OciSpecWriter.toJson(spec).contains("\"hard\":18446744073709551615"));
  }

  @Test
  void write_ofPartsIsReadBackUnchanged() throws Exception {
    OciSpec spec = OciSpecReader.parse(FULL);
    OciProcess process = spec.process().orElseThrow();
    assertEquals(process, OciSpecReader.parseProcess(OciSpecWriter.toJson(process).getBytes()));
    OciResources resources = spec.linux().resources();
    assertEquals(
        resources, OciSpecReader.parseResources(OciSpecWriter.toJson(resources).getBytes()));
  }

  @Test
  void parse_ofSmallestDocumentLeavesTheRestEmpty() throws Exception {
    OciSpec spec =
        OciSpecReader.parse(
            "{\"ociVersion\":\"1.0.0\",\"root\":{\"path\":\"r\"},\"linux\":{},\"mounts\":null}");
    assertEquals(Optional.empty(), spec.process());
    assertEquals(OciResources.NONE, spec.linux().resources());
    assertEquals(List.of(), spec.mounts());
  }

  @Test
  void parse_namesThePathOfWhatIsWrong() {
    assertProblem(
        "process.args[1]: expected a string, found 5", "\"args\":[\"a\",5],\"cwd\":\"/\"");
    assertProblem("process.cwd: required but absent", "\"args\":[]");
    assertProblem("process.cwd: \"x\" is not absolute", "\"cwd\":\"x\"");
    assertProblem(
        "process.user.uid: 4294967296 is outside the range 0 to 4294967295",
        "\"cwd\":\"/\",\"user\":{\"uid\":4294967296}");
    assertProblem("process.env: expected an array, found \"x\"", "\"cwd\":\"/\",\"env\":\"x\"");
    assertProblem(
        "process.env[0]: contains a NUL character", "\"cwd\":\"/\",\"env\":[\"a\\u0000b\"]");
    assertProblem("process.scheduler: is not supported", "\"cwd\":\"/\",\"scheduler\":{}");
  }

  @Test
  void parse_refusesWhatIsNotOneDocument() {
    assertThrows(OciSpecException.class, () -> OciSpecReader.parse(""));
    assertThrows(OciSpecException.class, () -> OciSpecReader.parse("[]"));
    assertThrows(OciSpecException.class, () -> OciSpecReader.parse("{} {}"));
    assertThrows(OciSpecException.class, () -> OciSpecReader.parse("{\"a\":"));
  }

  @Test
  void read_namesTheFile(@TempDir Path dir) throws Exception {
    Path file = Files.writeString(dir.resolve("config.json"), "{\"ociVersion\":1}");
    OciSpecException e = assertThrows(OciSpecException.class, () -> OciSpecReader.read(file));
    assertEquals(file + ": ociVersion: expected a string, found 1", e.getMessage());
  }

  private static void assertProblem(String expected, String processMembers) {
    String json =
        "{\"ociVersion\":\"1\",\"root\":{\"path\":\"r\"},\"linux\":{},\"process\":{"
            + processMembers
            + "}}";
    OciSpecException e = assertThrows(OciSpecException.class, () -> OciSpecReader.parse(json));
    assertEquals(expected, e.getMessage());
  }
}
