package io.gantry.cri.pod;

import java.io.IOException;

/**
 * One of the things a pod consists of. Parts are made in an order and undone in the reverse; a
 * daemon that comes after a crash undoes them again, so undoing what is half there, or not there,
 * succeeds.
 */
interface PodPart {
  /** For messages: "network". */
  String name();

  /**
   * Makes the part for a pod that is recorded already.
   *
   * @return the pod with what is known since
   * @throws IOException saying what failed; {@link #undo} clears what is there then
   */
  Pod make(Pod pod) throws IOException, InterruptedException;

  /** Leaves nothing of the part. */
  void undo(Pod pod) throws IOException, InterruptedException;
}
