package io.gantry.cri.pod;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.proto.cri.v1.RunPodSandboxRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Pods that are whole with what is in them, or not there. */
@Tag("root")
@Timeout(60)
class FilledPodsTest {
  private static final RunPodSandboxRequest POD =
      RunPodSandboxRequest.newBuilder().setConfig(PodRig.hostPod("filled")).build();

  @TempDir private Path directory;
  private PodRig rig;
  private final List<String> told = new CopyOnWriteArrayList<>();

  @BeforeEach
  void start() throws Exception {
    Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
    rig = new PodRig(directory);
  }

  @AfterEach
  void stop() throws IOException {
    if (rig != null) {
      rig.close();
    }
  }

  private interface Content {
    void put(Pod pod) throws IOException, InterruptedException;
  }

  private String make(Content content) throws IOException, InterruptedException {
    return rig.filled.make(
        POD,
        POD,
        new FilledPods.Filling() {
          @Override
          public void begins(String podId) {
            told.add("begins, there are " + rig.pods.all().size());
          }

          @Override
          public void fill(Pod pod) throws IOException, InterruptedException {
            told.add(pod.isReady() ? "fill" : "fill too early");
            content.put(pod);
          }

          @Override
          public void ended(String podId) {
            told.add("ended, there are " + rig.pods.all().size());
          }
        });
  }

  @Test
  void filling_hearsOfThePodBeforeItIsMade_andWhenItIsWhole() throws Exception {
    String id = make(pod -> {});

    assertEquals(List.of("begins, there are 0", "fill", "ended, there are 1"), told);
    assertTrue(rig.pods.find(id).orElseThrow().isReady());
  }

  @Test
  void fillingThatFails_takesThePodAlong() throws Exception {
    IOException failed =
        assertThrows(
            IOException.class,
            () ->
                make(
                    pod -> {
                      throw new IOException("full");
                    }));

    assertEquals("full", failed.getMessage());
    assertEquals(List.of("begins, there are 0", "fill", "ended, there are 0"), told);
    assertEquals(List.of("stop", "remove"), rig.containerCalls);
    assertEquals(List.of(), rig.mounts());
  }

  @Test
  void podThatIsThere_isNotFilled() {
    rig.run(PodRig.hostPod("filled"));

    CriException refused = assertThrows(CriException.class, () -> make(pod -> {}));

    assertEquals(Failure.ALREADY_EXISTS, refused.failure());
    assertEquals(List.of(), told);
  }

  @Test
  void equalRequest_joinsTheOneAtWork() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    FutureTask<String> first =
        new FutureTask<>(
            () ->
                make(
                    pod -> {
                      begun.countDown();
                      go.await();
                    }));
    FutureTask<String> second = new FutureTask<>(() -> make(pod -> {}));
    new Thread(first, "first").start();
    begun.await();
    Thread joining = new Thread(second, "second");
    joining.start();
    while (joining.isAlive() && joining.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    go.countDown();

    assertEquals(first.get(), second.get());
    assertEquals(List.of("begins, there are 0", "fill", "ended, there are 1"), told);
  }
}
