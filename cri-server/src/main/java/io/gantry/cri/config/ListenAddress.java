package io.gantry.cri.config;

import java.nio.file.Path;

/**
 * The unix socket on which the CRI is served.
 *
 * @param socket an absolute path of at most 107 bytes (unix(7): sun_path)
 */
public record ListenAddress(Path socket) {
  private static final String SCHEME = "unix://";
  private static final int MAX_PATH_BYTES = 107;

  public ListenAddress {
    if (!socket.isAbsolute()) {
      throw new IllegalArgumentException("socket path " + socket + " is not absolute");
    }
    if (socket.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8).length
        > MAX_PATH_BYTES) {
      throw new IllegalArgumentException(
          "socket path " + socket + " is longer than " + MAX_PATH_BYTES + " bytes");
    }
  }

  /**
   * Reads {@code unix:///path}.
   *
   * @throws IllegalArgumentException saying what is wrong with the address
   */
  public static ListenAddress parse(String address) {
    if (!address.startsWith(SCHEME)) {
      throw new IllegalArgumentException("\"" + address + "\" does not begin with " + SCHEME);
    }
    return new ListenAddress(Path.of(address.substring(SCHEME.length())));
  }

  @Override
  public String toString() {
    return SCHEME + socket;
  }
}
