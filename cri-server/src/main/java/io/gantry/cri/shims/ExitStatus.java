package io.gantry.cri.shims;

import java.time.Instant;

/**
 * How a process ended.
 *
 * @param code 0-255; 128 + n when signal n killed it
 * @param exitedAt when the shim reaped it
 */
public record ExitStatus(int code, Instant exitedAt) {}
