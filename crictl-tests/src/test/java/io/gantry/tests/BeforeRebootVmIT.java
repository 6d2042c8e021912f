package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gantry.proto.cri.v1.NamespaceMode;
import io.gantry.tests.cri.Configs;
import io.gantry.tests.node.CgroupDriver;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Leaves a node with pods to the machine's next boot, see {@link AfterRebootVmIT}: a list has both,
 * with {@code @reboot} between them.
 */
@Tag("root")
@Tag("vm")
class BeforeRebootVmIT {

  static final String ENDS_WHEN_ASKED =
      "trap 'echo asked to end; exit 7' TERM; echo runs; while :; do sleep 0.1; done";

  @RegisterExtension
  static final TestNode node = TestNode.withBusybox().with(CgroupDriver.SYSTEMD).untilReboot();

  @Test
  void podsOfAllStates_areThere() {
    TestPod pod = TestPod.run(node);
    pod.run("running", "sh", "-c", ENDS_WHEN_ASKED);
    pod.awaitLog("running", log -> log.stdout().contains("runs"));
    pod.create("created", "true");
    assertEquals(3, pod.awaitExit(pod.run("exited", "sh", "-c", "exit 3")).getExitCode());
    TestPod shared = TestPod.run(node, Configs.pids(NamespaceMode.POD));
    shared.run("shared", "sleep", "100000");

    assertEquals(2, node.crictl().out("ps", "-q").lines().count());
  }
}
