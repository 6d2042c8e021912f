package io.gantry.runtime.shim;

/** This program's version, as it tells its callers. */
final class Version {
  static final String TEXT = "0.1.0";

  private Version() {}
}
