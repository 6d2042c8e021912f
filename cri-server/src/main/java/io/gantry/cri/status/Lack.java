package io.gantry.cri.status;

/**
 * Something that the kernel does not have.
 *
 * @param found what it answered when it was asked
 */
record Lack(KernelNeed need, String found) {
  /** {@code openat2 (Linux 5.6): paths inside …}. */
  @Override
  public String toString() {
    return "%s (Linux %s): %s".formatted(need.feature(), need.since(), need.consequence());
  }
}
