package io.gantry.runtime.oci;

/** A document that is not a valid configuration; the message names the member by its JSON path. */
public final class OciSpecException extends Exception {
  private static final long serialVersionUID = 1L;

  OciSpecException(String message) {
    super(message);
  }

  OciSpecException(String message, Throwable cause) {
    super(message, cause);
  }
}
