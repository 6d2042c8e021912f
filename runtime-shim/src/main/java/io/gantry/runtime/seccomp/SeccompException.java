package io.gantry.runtime.seccomp;

import java.io.IOException;

/**
 * A seccomp profile that cannot be enforced as it stands; the message names the part and the
 * reason.
 */
public final class SeccompException extends IOException {
  private static final long serialVersionUID = 1L;

  SeccompException(String message) {
    super("seccomp profile: " + message);
  }
}
