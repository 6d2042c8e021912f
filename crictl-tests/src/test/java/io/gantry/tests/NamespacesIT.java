package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.proto.cri.v1.NamespaceMode;
import io.gantry.proto.cri.v1.NamespaceOption;
import io.gantry.tests.cri.Configs;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Which namespaces containers of a pod share, and which process and memory they see. */
@Tag("root")
class NamespacesIT {

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  @Test
  void processes_seeOnlyTheirContainerByDefault() {
    try (TestPod pod =
        TestPod.run(
            node,
            Configs.podSecurity(
                security -> security.setNamespaceOptions(pid(NamespaceMode.CONTAINER))))) {
      pod.run("other", containerPid(NamespaceMode.CONTAINER, "sleep 4321"));
      String container = pod.run("mine", containerPid(NamespaceMode.CONTAINER, "sleep 1000"));

      String processes = pod.execOutput(container, "ps", "-o", "pid,args");

      assertTrue(processes.matches("(?s).*\\b1 sleep 1000.*"), processes);
      assertFalse(processes.contains("sleep 4321"), processes);
    }
  }

  @Test
  void processes_areSharedInAPodThatAsksForIt() {
    try (TestPod pod =
        TestPod.run(
            node,
            Configs.podSecurity(
                security -> security.setNamespaceOptions(pid(NamespaceMode.POD))))) {
      String other = pod.run("other", containerPid(NamespaceMode.POD, "sleep 4321"));
      String container = pod.run("mine", containerPid(NamespaceMode.POD, "sleep 1000"));

      String processes = pod.execOutput(container, "ps", "-o", "pid,args");
      assertTrue(processes.contains("sleep 4321"), processes);
      assertFalse(processes.matches("(?s).*\\b1 sleep 1000.*"), processes);

      // The namespace outlives each of its containers.
      pod.stop(other, java.time.Duration.ZERO);
      assertFalse(pod.execOutput(container, "ps", "-o", "args").contains("sleep 4321"));
    }
  }

  @Test
  void processes_ofTheHostAreSeenWithTheNodesNamespace() {
    try (TestPod pod =
        TestPod.run(
            node,
            Configs.podSecurity(
                security -> security.setNamespaceOptions(pid(NamespaceMode.NODE))))) {
      String container = pod.run("host", containerPid(NamespaceMode.NODE, "sleep 1000"));

      String self = "/proc/" + ProcessHandle.current().pid() + "/comm";
      assertEquals("java\n", pod.execOutput(container, "cat", self));
    }
  }

  @Test
  void sharedMemory_isOneForThePodAndNotTheHosts() {
    try (TestPod pod = TestPod.run(node)) {
      String one = pod.run("one", "sleep", "1000");
      String two = pod.run("two", "sleep", "1000");

      pod.execOutput(one, "sh", "-c", "echo shared > /dev/shm/gantry-test");

      assertEquals("shared\n", pod.execOutput(two, "cat", "/dev/shm/gantry-test"));
      assertFalse(Files.exists(Path.of("/dev/shm/gantry-test")));
      assertTrue(pod.execOutput(one, "df", "-m", "/dev/shm").matches("(?s).*\\b64\\b.*"), "64 MiB");
    }
  }

  @Test
  void ipcAndUts_areThePodsAndMountIsTheContainers() throws IOException {
    try (TestPod pod = TestPod.run(node)) {
      String one = pod.run("one", "sleep", "1000");
      String two = pod.run("two", "sleep", "1000");

      for (String kind : new String[] {"ipc", "uts"}) {
        assertEquals(namespace(pod.pid(one), kind), namespace(pod.pid(two), kind));
        assertNotEquals(namespace("self", kind), namespace(pod.pid(one), kind));
      }
      assertNotEquals(namespace(pod.pid(one), "mnt"), namespace(pod.pid(two), "mnt"));
      assertNotEquals(namespace(pod.pid(one), "pid"), namespace(pod.pid(two), "pid"));
    }
  }

  @Test
  void exec_runsInEveryNamespaceOfTheContainer() throws IOException {
    try (TestPod pod = TestPod.run(node)) {
      String container = pod.run("app", "sleep", "1000");
      long pid = pod.pid(container);

      for (String kind : new String[] {"ipc", "uts", "net", "mnt", "pid"}) {
        assertEquals(
            namespace(pid, kind),
            pod.execOutput(container, "readlink", "/proc/self/ns/" + kind).strip(),
            kind);
      }
    }
  }

  private static NamespaceOption pid(NamespaceMode mode) {
    return NamespaceOption.newBuilder().setPid(mode).build();
  }

  private static java.util.function.Consumer<io.gantry.proto.cri.v1.ContainerConfig.Builder>
      containerPid(NamespaceMode mode, String command) {
    return Configs.security(security -> security.setNamespaceOptions(pid(mode)))
        .andThen(config -> config.addAllCommand(java.util.List.of(command.split(" "))));
  }

  private static String namespace(Object process, String kind) throws IOException {
    return Files.readSymbolicLink(Path.of("/proc/" + process + "/ns/" + kind)).toString();
  }
}
