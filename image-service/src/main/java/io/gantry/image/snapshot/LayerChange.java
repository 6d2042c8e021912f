package io.gantry.image.snapshot;

import java.util.Objects;

/**
 * A difference between a writable layer and what it stands on.
 *
 * @param path relative to the root, one character per byte
 */
public record LayerChange(String path, Kind kind) {

  /** What has happened to a path. */
  public enum Kind {
    MODIFIED,
    ADDED,
    DELETED
  }

  public LayerChange {
    Objects.requireNonNull(path);
    Objects.requireNonNull(kind);
  }
}
