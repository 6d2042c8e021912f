package io.gantry.runtime.oci;

/**
 * The root filesystem.
 *
 * @param path absolute, or relative to the bundle
 */
public record OciRoot(String path, boolean readonly) {}
