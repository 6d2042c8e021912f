package io.gantry.image.dockerfile;

import java.io.IOException;

/** A fault in a Dockerfile. The message shows file, line and column, and the line with a caret. */
public final class DockerfileException extends IOException {
  private static final long serialVersionUID = 1;

  private final transient Place place;

  DockerfileException(String message, Place place, Throwable cause) {
    super(message, cause);
    this.place = place;
  }

  public Place place() {
    return place;
  }
}
