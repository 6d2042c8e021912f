package io.gantry.cri.container;

/**
 * What tells one container from another to the kubelet; no two containers on a node have the same.
 *
 * @param attempt unsigned
 */
record ContainerName(String podId, String name, int attempt) {
  /** For messages. */
  @Override
  public String toString() {
    return "%s (attempt %s) in pod %s".formatted(name, Integer.toUnsignedString(attempt), podId);
  }
}
