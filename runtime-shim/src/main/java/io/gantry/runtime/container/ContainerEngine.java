package io.gantry.runtime.container;

import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.cgroup.Cgroups;

/** Makes containers from bundles. Thread-safe. */
public final class ContainerEngine {
  private final Linux linux;
  private final Cgroups cgroups;
  private final Notices notices;

  /** Takes what the user should know though nothing failed, such as a value that was clamped. */
  public interface Notices {
    void notice(String text);
  }

  public ContainerEngine(Linux linux, Cgroups cgroups, Notices notices) {
    this.linux = linux;
    this.cgroups = cgroups;
    this.notices = notices;
  }

  /**
   * Prepares everything but the first process: reads the configuration, makes the cgroup, makes a
   * mount namespace with all mounts in it. On failure nothing stays behind.
   */
  public Container create(CreateRequest request) throws ContainerException {
    throw new ContainerException(
        ContainerException.Kind.FAILED,
        "create container " + request.id() + ": not built yet with " + linux + cgroups + notices);
  }
}
