package io.gantry.runtime.oci;

/**
 * Limit of huge pages of one size.
 *
 * @param pageSize such as 2MB or 1GB
 * @param limitBytes unsigned 64 bits
 */
public record OciHugepageLimit(String pageSize, long limitBytes) {}
