package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.proto.cri.v1.ContainerState;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.tools.Interactive;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What becomes of exec and attach when the client or the daemon is killed in the middle. */
@Tag("root")
class SessionSurvivalIT {

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  // Hears a hang-up, but does not heed it, and has a child in a session of its own.
  private static final String STUBBORN =
      "trap '' HUP; setsid sleep 7777 & echo ready; sleep 7777; true";

  private static void awaitGone(TestPod pod, String container) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    String left;
    do {
      LockSupport.parkNanos(100_000_000);
      left = pod.execOutput(container, "sh", "-c", "ps -o args | grep '[s]leep 7777'; true");
    } while (!left.isEmpty() && System.nanoTime() < end);
    assertEquals("", left);
  }

  private static Interactive exec(String container) {
    Interactive session =
        Interactive.start(node.crictl().command("exec", "-i", container, "sh", "-c", STUBBORN));
    session.await("ready");
    return session;
  }

  @Test
  void killedClient_takesAllOfItsExecAlong() {
    try (TestPod pod = TestPod.run(node)) {
      String container = pod.run("main", "sleep", "3600");
      try (Interactive session = exec(container)) {
        session.kill();
        awaitGone(pod, container);
      }
    }
  }

  @Test
  void killedClient_ofAnAttachLeavesTheContainerToTheOthers() {
    try (TestPod pod = TestPod.run(node)) {
      String container =
          pod.run(
              "main",
              config ->
                  config
                      .setStdin(true)
                      .addAllCommand(List.of("sh", "-c", "while read x; do echo got $x; done")));
      try (Interactive gone = Interactive.start(node.crictl().command("attach", "-i", container));
          Interactive stays = Interactive.start(node.crictl().command("attach", "-i", container))) {
        gone.type("one\n");
        gone.await("got one");
        gone.type("in the mid");
        gone.kill();

        stays.type("dle\ntwo\n");
        stays.await("got two");
      }
      pod.awaitLog("main", log -> log.stdout().endsWith("got two\n"));
      assertEquals(ContainerState.CONTAINER_RUNNING, pod.status(container).getState());
    }
  }

  @Test
  void killedDaemon_takesExecsAlongAndLeavesTheContainerToAttachTo() {
    try (TestPod pod = TestPod.run(node)) {
      String container =
          pod.run(
              "main",
              config ->
                  config
                      .setStdin(true)
                      .addCommand("sh")
                      .addArgs("-c")
                      .addArgs("while read x; do echo got $x; done"));
      try (Interactive session = exec(container);
          Interactive attached =
              Interactive.start(node.crictl().command("attach", "-i", container))) {
        attached.type("one\n");
        attached.await("got one");

        node.runtime().kill();
        node.startAgain();

        awaitGone(pod, container);
        assertTrue(session.await("").contains("ready"));
      }
      assertEquals(ContainerState.CONTAINER_RUNNING, pod.status(container).getState());
      try (Interactive attached =
          Interactive.start(node.crictl().command("attach", "-i", container))) {
        attached.type("two\n");
        attached.await("got two");
        attached.kill();
      }
      assertEquals(ContainerState.CONTAINER_RUNNING, pod.status(container).getState());
    }
  }
}
