package io.gantry.runtime.oci;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * Memory limits in bytes; -1 lifts a limit.
 *
 * @param swap limit of memory and swap together, as in cgroup v1
 * @param swappiness 0 to 100; cgroup v1 only
 */
public record OciMemory(
    OptionalLong limit,
    OptionalLong reservation,
    OptionalLong swap,
    OptionalLong kernel,
    OptionalLong kernelTcp,
    OptionalLong swappiness,
    Optional<Boolean> disableOomKiller,
    Optional<Boolean> checkBeforeUpdate) {

  public static final OciMemory NONE =
      new OciMemory(
          OptionalLong.empty(),
          OptionalLong.empty(),
          OptionalLong.empty(),
          OptionalLong.empty(),
          OptionalLong.empty(),
          OptionalLong.empty(),
          Optional.empty(),
          Optional.empty());

  public OciMemory withLimit(long bytes) {
    return new OciMemory(
        OptionalLong.of(bytes),
        reservation,
        swap,
        kernel,
        kernelTcp,
        swappiness,
        disableOomKiller,
        checkBeforeUpdate);
  }

  public OciMemory withReservation(long bytes) {
    return new OciMemory(
        limit,
        OptionalLong.of(bytes),
        swap,
        kernel,
        kernelTcp,
        swappiness,
        disableOomKiller,
        checkBeforeUpdate);
  }

  public OciMemory withSwap(long bytes) {
    return new OciMemory(
        limit,
        reservation,
        OptionalLong.of(bytes),
        kernel,
        kernelTcp,
        swappiness,
        disableOomKiller,
        checkBeforeUpdate);
  }
}
