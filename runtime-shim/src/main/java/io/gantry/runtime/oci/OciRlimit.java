package io.gantry.runtime.oci;

/**
 * A resource limit, see getrlimit(2).
 *
 * @param type a name such as RLIMIT_NOFILE
 * @param soft unsigned 64 bits; all ones is RLIM_INFINITY
 * @param hard unsigned 64 bits; all ones is RLIM_INFINITY
 */
public record OciRlimit(String type, long soft, long hard) {}
