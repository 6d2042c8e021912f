package io.gantry.cri.config;

/** How many containers one shim process holds. */
public enum Sharing {
  /** One: a fault in it takes one container along. */
  CONTAINER,
  /** Those of one pod: less memory, and a pod's containers fail together. */
  POD,
  /** Those of all pods with the same runtime handler: the least memory, the largest fault. */
  NODE;

  @Override
  public String toString() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
