package io.gantry.cri.shims;

import java.time.Duration;
import java.util.Optional;

/**
 * A command to run inside a container to its end.
 *
 * @param processSpec the OCI {@code process} object as JSON (UTF-8)
 * @param timeout after which the command is killed; empty means never
 * @param outputLimitBytes per stream; what is printed beyond is dropped while the command runs on
 * @param drain how long a surviving descendant that holds the pipes may delay the answer after the
 *     command's exit
 * @param memory takes the output, at least until the command has ended; the caller's to close
 */
public record ExecSyncCommand(
    byte[] processSpec,
    Optional<Duration> timeout,
    long outputLimitBytes,
    Duration drain,
    OutputMemory.Share memory) {
  /** 16 MiB, the CRI's own limit (ExecSyncResponse in api.proto). */
  public static final long DEFAULT_OUTPUT_LIMIT_BYTES = 16L << 20;

  /**
   * Long enough for a pipe's rest to be copied; a daemon left behind by the command keeps nobody
   * waiting longer.
   */
  public static final Duration DEFAULT_DRAIN = Duration.ofSeconds(2);
}
