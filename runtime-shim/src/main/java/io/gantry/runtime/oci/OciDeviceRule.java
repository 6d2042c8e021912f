package io.gantry.runtime.oci;

import java.util.OptionalLong;

/**
 * One entry of the device allow list; later entries win.
 *
 * @param type a (all), c or b
 * @param major absent means any
 * @param minor absent means any
 * @param access letters out of r, w and m
 */
public record OciDeviceRule(
    boolean allow, char type, OptionalLong major, OptionalLong minor, String access) {

  /** Allows or denies everything. */
  public static OciDeviceRule all(boolean allow) {
    return new OciDeviceRule(allow, 'a', OptionalLong.empty(), OptionalLong.empty(), "rwm");
  }
}
