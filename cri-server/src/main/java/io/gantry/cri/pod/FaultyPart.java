package io.gantry.cri.pod;

import io.gantry.cri.fault.FaultPoints;
import java.io.IOException;

/** A part of a pod with a fault point after its making and after its undoing. */
final class FaultyPart implements PodPart {
  private final PodPart part;
  private final FaultPoints faults;

  FaultyPart(PodPart part, FaultPoints faults) {
    this.part = part;
    this.faults = faults;
  }

  @Override
  public String name() {
    return part.name();
  }

  @Override
  public Pod make(Pod pod) throws IOException, InterruptedException {
    Pod made = part.make(pod);
    faults.reach("pod's " + name() + " made");
    return made;
  }

  @Override
  public void undo(Pod pod) throws IOException, InterruptedException {
    part.undo(pod);
    faults.reach("pod's " + name() + " undone");
  }
}
