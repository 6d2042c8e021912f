package io.gantry.image.registry;

/** Lends threads for more connections, as far as the limit of all connections allows. */
public interface Crew {

  /** Lends none. */
  Crew NONE = task -> false;

  /** Runs the task on another thread if one may be had now; tells whether it does. */
  boolean tryRun(Runnable task);
}
