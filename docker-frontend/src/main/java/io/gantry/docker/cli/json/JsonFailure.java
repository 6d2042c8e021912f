package io.gantry.docker.cli.json;

import java.io.IOException;

/** A document that is no JSON. */
public final class JsonFailure extends IOException {
  private static final long serialVersionUID = 1;

  JsonFailure(String message, Throwable cause) {
    super(message, cause);
  }
}
