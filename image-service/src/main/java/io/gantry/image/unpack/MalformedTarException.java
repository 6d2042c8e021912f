package io.gantry.image.unpack;

import java.io.IOException;

/** Bytes that are no tar archive. */
final class MalformedTarException extends IOException {
  MalformedTarException(String message) {
    super(message);
  }
}
