package io.gantry.image.distribution.exchange;

import java.io.IOException;

/** The client left, or was cut off, in the middle of its request: nobody waits for an answer. */
public final class ClientGoneException extends IOException {
  public ClientGoneException(String message) {
    super(message);
  }
}
