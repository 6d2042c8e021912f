package io.gantry.runtime.launch;

import io.gantry.runtime.linux.Linux;

/** Starts processes by plans. Thread-safe: each launch has memory of its own. */
public final class Launcher {
  private final Linux linux;

  public Launcher(Linux linux) {
    this.linux = linux;
  }

  /**
   * Makes a child, has it carry out the plan, and returns when it runs its program. Blocks the
   * calling thread for that long, a millisecond or so. The child inherits what is per thread:
   * namespaces entered, the PID namespace for children, the cgroup.
   *
   * @throws LaunchException if a step fails; the child is gone and reaped by then
   */
  public Launched launch(LaunchPlan plan, CloneOptions options) throws LaunchException {
    throw new UnsupportedOperationException("launching lands with the next commits " + linux);
  }
}
