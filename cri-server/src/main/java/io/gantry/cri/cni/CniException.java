package io.gantry.cri.cni;

import java.io.IOException;

/**
 * A network that cannot be configured, or a plugin that failed; the message names both and quotes
 * the plugin.
 */
public final class CniException extends IOException {
  private static final long serialVersionUID = 1;

  public CniException(String message) {
    super(message);
  }

  public CniException(String message, Throwable cause) {
    super(message + ": " + cause.getMessage(), cause);
  }
}
