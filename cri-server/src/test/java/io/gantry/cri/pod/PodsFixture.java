package io.gantry.cri.pod;

import io.gantry.cri.fault.FaultPoints;
import io.gantry.cri.state.RecordStore;
import java.io.IOException;
import java.nio.file.Path;

/** Pods for tests of what lives in them. */
public final class PodsFixture {
  private PodsFixture() {}

  /** These pods, with their records below a directory that the test gives. */
  public static Pods of(Path records, Pod... all) throws IOException, InterruptedException {
    Pods pods =
        new Pods(RecordStore.open(records, new PodRecords(Path.of("/pods")), FaultPoints.NONE));
    for (Pod pod : all) {
      pods.add(pod).close();
    }
    return pods;
  }

  /** Makes a pod one that was stopped. */
  public static void stop(Pods pods, String id) throws IOException, InterruptedException {
    try (Pods.Hold hold = pods.holdExclusively(id).orElseThrow()) {
      pods.put(hold.pod().with(new PodState.NotReady("stopped")));
    }
  }
}
