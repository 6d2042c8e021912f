package io.gantry.cri.pod;

import java.util.Objects;

/** Where a pod stands in its life. */
public sealed interface PodState {

  /**
   * Being made, or its making broke off: whatever exists of it is to be undone. Never shown to
   * callers.
   */
  record Making() implements PodState {}

  /** Everything is in place; containers may be created. */
  record Ready() implements PodState {}

  /**
   * Stopped, or lost: nothing of it is left in the kernel, or what is left could not be undone yet.
   *
   * @param why for people
   */
  record NotReady(String why) implements PodState {
    public NotReady {
      Objects.requireNonNull(why);
    }
  }
}
