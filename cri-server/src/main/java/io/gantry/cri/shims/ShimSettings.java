package io.gantry.cri.shims;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How shims are kept.
 *
 * @param directory of their sockets and logs; made (mode 0700) when missing
 * @param poolSize how many are kept started ahead of need; 0 starts each when it is asked for
 * @param startLimit how long a new one may take until it accepts connections
 * @param idleLimit after which a shim without container and daemon ends by itself
 */
public record ShimSettings(Path directory, int poolSize, Duration startLimit, Duration idleLimit) {
  // sun_path of a unix socket address holds 108 bytes with its closing zero (unix(7)).
  private static final int MAX_SOCKET_PATH_BYTES = 107;

  public ShimSettings {
    if (poolSize < 0) {
      throw new IllegalArgumentException("shim pool size is negative: " + poolSize);
    }
    int longest =
        directory.toAbsolutePath().toString().getBytes().length
            + ShimProcess.NAME_LENGTH
            + "/.sock".length();
    if (longest > MAX_SOCKET_PATH_BYTES) {
      throw new IllegalArgumentException(
          "shim directory "
              + directory
              + " is too long for a socket's path: "
              + longest
              + " bytes of "
              + MAX_SOCKET_PATH_BYTES);
    }
  }

  /** With the usual limit for idle ones. */
  public static ShimSettings of(Path directory, int poolSize, Duration startLimit) {
    return new ShimSettings(directory, poolSize, startLimit, Duration.ofSeconds(60));
  }
}
