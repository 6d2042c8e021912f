package io.gantry.runtime.container;

import io.gantry.runtime.launch.CloneOptions;
import io.gantry.runtime.launch.LaunchPlan;
import io.gantry.runtime.launch.Launched;
import io.gantry.runtime.launch.Launcher;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.NamespaceKind;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.Callable;

/**
 * Launches a child into an existing PID namespace. setns(2) with CLONE_NEWPID acts on children made
 * later and stays with the thread, which could then make no further threads: so the thread is one
 * that ends with the launch.
 */
final class LaunchThread implements Callable<Launched> {
  private final Linux linux;
  private final Launcher launcher;
  private final Fd pidNamespace;
  private final LaunchPlan plan;
  private final CloneOptions options;

  private LaunchThread(
      Linux linux, Launcher launcher, Fd pidNamespace, LaunchPlan plan, CloneOptions options) {
    this.linux = linux;
    this.launcher = launcher;
    this.pidNamespace = pidNamespace;
    this.plan = plan;
    this.options = options;
  }

  /** Launches into a PID namespace, which stays the caller's to close. */
  static Launched launch(
      Linux linux, Launcher launcher, Fd pidNamespace, LaunchPlan plan, CloneOptions options)
      throws IOException {
    LaunchThread work = new LaunchThread(linux, launcher, pidNamespace, plan, options);
    return linux.namespaces().visit(Set.of(), work);
  }

  @Override
  public Launched call() throws IOException {
    linux.namespaces().enter(pidNamespace, NamespaceKind.PID);
    return launcher.launch(plan, options);
  }
}
