package io.gantry.runtime.oci;

/**
 * A range of ids inside a user namespace and the host ids they stand for; unsigned 32 bits each.
 */
public record OciIdMapping(long containerId, long hostId, long size) {}
