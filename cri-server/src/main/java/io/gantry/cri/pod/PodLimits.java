package io.gantry.cri.pod;

import io.gantry.cri.cgroup.CgroupDriver;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.cri.limits.Limits;
import io.gantry.proto.cri.v1.LinuxContainerResources;
import io.gantry.proto.cri.v1.LinuxPodSandboxConfig;
import io.gantry.proto.cri.v1.PodSandboxConfig;
import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.cgroup.Cgroup;
import io.gantry.runtime.linux.cgroup.Cgroups;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * Changes the limits of a pod as a whole: those of the cgroup below which its containers are. What
 * a change does not set stays. Thread-safe.
 */
final class PodLimits {
  /** The kernel's own, where none is set (Documentation/scheduler/sched-bwc.rst). */
  private static final long DEFAULT_PERIOD_MICROS = 100_000;

  private final Pods pods;
  private final Cgroups cgroups;
  private final CgroupDriver driver;
  private final PodHooks hooks;

  PodLimits(Pods pods, Cgroups cgroups, CgroupDriver driver, PodHooks hooks) {
    this.pods = pods;
    this.cgroups = cgroups;
    this.driver = driver;
    this.hooks = hooks;
  }

  /**
   * Sets limits of a ready pod.
   *
   * @param overhead what the pod takes besides its containers
   * @param resources what its containers may take together
   * @throws CriException NOT_FOUND; WRONG_STATE if it is not ready or has no cgroup of its own;
   *     INVALID_REQUEST if the kernel does not take a value. The limits are as before then, as far
   *     as the kernel lets them
   * @throws IOException if a hook refuses
   */
  void update(String id, LinuxContainerResources overhead, LinuxContainerResources resources)
      throws IOException, InterruptedException {
    Optional<Pods.Hold> held = pods.holdExclusively(id);
    try (Pods.Hold hold = held.orElseThrow(() -> Pods.notFound(id))) {
      Pod pod = hold.pod();
      check(pod);
      hooks.update(pod, overhead, resources);
      Pod changed = pod.with(merge(pod.config(), overhead, resources));
      pods.put(changed);
      try {
        write(changed);
      } catch (IOException | IllegalArgumentException | ArithmeticException refused) {
        CriException failure = refusal(pod, refused);
        takeBack(pod, failure);
        throw failure;
      }
      hooks.updated(changed);
    }
  }

  private static void check(Pod pod) {
    if (!pod.isReady()) {
      throw CriException.wrongState(
          "update resources of pod %s: it is not ready".formatted(pod.name()));
    }
    String own = pod.config().getLinux().getCgroupParent();
    if (own.isEmpty() || own.equals("/")) {
      // The default parent is all pods'; the limits of one must not become everybody's.
      throw CriException.wrongState(
          "update resources of pod %s: it has no cgroup of its own, because its cgroup_parent is \"%s\""
              .formatted(pod.name(), own));
    }
  }

  private static PodSandboxConfig merge(
      PodSandboxConfig before,
      LinuxContainerResources overhead,
      LinuxContainerResources resources) {
    LinuxPodSandboxConfig linux = before.getLinux();
    return before.toBuilder()
        .setLinux(
            linux.toBuilder()
                .setOverhead(Limits.merge(linux.getOverhead(), overhead))
                .setResources(Limits.merge(linux.getResources(), resources)))
        .build();
  }

  private void write(Pod pod) throws IOException {
    LinuxPodSandboxConfig linux = pod.config().getLinux();
    Cgroup cgroup = cgroups.at(pod.cgroupParent());
    if (!cgroup.exists()) {
      driver.make(pod.cgroupParent(), new CgroupDriver.Member("Pod " + pod.name(), Duration.ZERO));
    }
    cgroup.apply(Limits.of(sum(linux.getOverhead(), linux.getResources())));
    driver.limitsChanged(pod.cgroupParent());
  }

  /** A value that the kernel does not take is the caller's mistake; whatever else is not. */
  private static CriException refusal(Pod pod, Exception refused) {
    boolean ofValues =
        refused instanceof LinuxException kernel
            ? kernel.errno() == Errno.EINVAL || kernel.errno() == Errno.ERANGE
            : !(refused instanceof IOException);
    return new CriException(
        ofValues ? Failure.INVALID_REQUEST : Failure.INTERNAL,
        "update resources of pod %s: %s".formatted(pod.name(), refused.getMessage()),
        refused);
  }

  private void takeBack(Pod before, CriException failure) {
    try {
      pods.put(before);
      write(before);
    } catch (IOException | IllegalArgumentException | ArithmeticException e) {
      failure.addSuppressed(e);
    }
  }

  /**
   * What a pod's cgroup is to hold. What its containers are not limited in, the pod is not limited
   * in either, whatever the overhead.
   */
  static LinuxContainerResources sum(
      LinuxContainerResources overhead, LinuxContainerResources resources) {
    LinuxContainerResources.Builder sum = resources.toBuilder();
    if (resources.getMemoryLimitInBytes() > 0) {
      sum.setMemoryLimitInBytes(
          Math.addExact(resources.getMemoryLimitInBytes(), overhead.getMemoryLimitInBytes()));
    }
    if (resources.getMemorySwapLimitInBytes() > 0) {
      sum.setMemorySwapLimitInBytes(
          Math.addExact(
              resources.getMemorySwapLimitInBytes(), overhead.getMemorySwapLimitInBytes()));
    }
    if (resources.getCpuShares() > 0) {
      sum.setCpuShares(Math.addExact(resources.getCpuShares(), overhead.getCpuShares()));
    }
    if (resources.getCpuQuota() > 0 && overhead.getCpuQuota() > 0) {
      long part = Math.multiplyExact(overhead.getCpuQuota(), period(resources)) / period(overhead);
      sum.setCpuQuota(Math.addExact(resources.getCpuQuota(), part));
    }
    return sum.build();
  }

  private static long period(LinuxContainerResources limits) {
    return limits.getCpuPeriod() > 0 ? limits.getCpuPeriod() : DEFAULT_PERIOD_MICROS;
  }
}
