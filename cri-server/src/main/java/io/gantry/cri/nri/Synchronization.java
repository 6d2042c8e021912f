package io.gantry.cri.nri;

import com.google.protobuf.MessageLite;
import io.gantry.proto.nri.Container;
import io.gantry.proto.nri.PodSandbox;
import io.gantry.proto.nri.SynchronizeRequest;
import java.util.ArrayList;
import java.util.List;

/** Splits what a new plugin is told into messages that fit. */
final class Synchronization {
  /** ttrpc takes 4 MiB with what it adds; a plugin's own limit may be as low. */
  static final int PART_BYTES = 3 << 20;

  private final List<SynchronizeRequest> parts = new ArrayList<>();
  private SynchronizeRequest.Builder part = SynchronizeRequest.newBuilder();
  private int bytes;

  private Synchronization() {}

  /** At least one message; all but the last say that more follows. */
  static List<SynchronizeRequest> parts(List<PodSandbox> pods, List<Container> containers) {
    Synchronization split = new Synchronization();
    for (PodSandbox pod : pods) {
      split.makeRoom(pod);
      split.part.addPods(pod);
    }
    for (Container container : containers) {
      split.makeRoom(container);
      split.part.addContainers(container);
    }
    split.parts.add(split.part.build());
    return split.parts;
  }

  private void makeRoom(MessageLite next) {
    int size = next.getSerializedSize() + Long.BYTES; // With its tag and length.
    if (bytes > 0 && bytes + size > PART_BYTES) {
      parts.add(part.setMore(true).build());
      part = SynchronizeRequest.newBuilder();
      bytes = 0;
    }
    bytes += size;
  }
}
