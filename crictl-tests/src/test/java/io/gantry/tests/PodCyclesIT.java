package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.tests.node.DaemonSample;
import io.gantry.tests.node.Leftovers;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Pods come and go, and the daemon and the kernel are as before. {@code -Dgantry.tests.cycles=1000}
 * does so with a thousand, and prints what was found ten times on the way.
 */
@Tag("root")
class PodCyclesIT {

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  private static final int CYCLES = Integer.getInteger("gantry.tests.cycles", 50);
  private static final int WARM_UP_CYCLES = 20;
  private static final int SAMPLES = 10;

  @Test
  void cyclesOfPods_leaveTheDaemonAndTheKernelAsTheyWere() {
    assumeTrue(TestNode.isGantry(), "looks into a JVM");
    for (int i = 0; i < WARM_UP_CYCLES; i++) {
      cycle();
    }
    node.awaitIdle();
    Leftovers kernel = Leftovers.of(node.directory());
    DaemonSample before = sample(0);
    DaemonSample now = before;
    for (int done = 1; done <= CYCLES; done++) {
      cycle();
      if (done % Math.max(1, CYCLES / SAMPLES) == 0 || done == CYCLES) {
        node.awaitIdle();
        now = sample(done);
      }
    }

    String found = CYCLES + " cycles: " + before + " -> " + now;
    assertEquals("", Leftovers.of(node.directory()).differenceTo(kernel));
    assertTrue(now.descriptors() <= before.descriptors() + 5, found);
    assertTrue(now.threads() <= before.threads() + 15, found);
    // The same for any number of cycles: a thousand may not keep a kilobyte each.
    assertTrue(now.liveBytes() <= before.liveBytes() + (1 << 20), found);
    // What the heap had not touched yet, and the compiler's code and profiles of a young JVM.
    assertTrue(now.residentBytes() <= before.residentBytes() + (50 << 20), found);
  }

  private static DaemonSample sample(int cycles) {
    DaemonSample sample = DaemonSample.of(node.runtime().process());
    System.out.println("after " + cycles + " cycles: " + sample);
    return sample;
  }

  private static void cycle() {
    try (TestPod pod = TestPod.run(node)) {
      String container = pod.run("app", "sleep", "1000");
      pod.stop(container, Duration.ZERO);
      pod.remove(container);
    }
  }
}
