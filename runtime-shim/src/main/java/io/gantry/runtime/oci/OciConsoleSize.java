package io.gantry.runtime.oci;

/** Size of a terminal in characters, each 0 to 65535. */
public record OciConsoleSize(int height, int width) {}
