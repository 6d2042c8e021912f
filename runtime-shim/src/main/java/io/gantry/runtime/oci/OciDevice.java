package io.gantry.runtime.oci;

import java.util.OptionalInt;

/**
 * A device node in the container.
 *
 * @param path absolute path inside the container
 * @param type c or u (character), b (block), p (FIFO)
 * @param fileMode permission bits; absent means 0666
 */
public record OciDevice(
    String path, char type, long major, long minor, OptionalInt fileMode, long uid, long gid) {}
