package io.gantry.cri.protojson;

import java.io.IOException;

/** JSON that does not fit the message it was read as; the text names the field and the value. */
public final class ProtoJsonException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String path;
  private final String problem;

  ProtoJsonException(String problem) {
    this("", problem, null);
  }

  ProtoJsonException(String problem, Throwable cause) {
    this("", problem, cause);
  }

  private ProtoJsonException(String path, String problem, Throwable cause) {
    super(path.isEmpty() ? problem : path + ": " + problem, cause);
    this.path = path;
    this.problem = problem;
  }

  /** The same problem, seen from the message or list that holds the place where it was found. */
  ProtoJsonException within(String outer) {
    String joined = path.isEmpty() || path.startsWith("[") ? outer + path : outer + "." + path;
    return new ProtoJsonException(joined, problem, getCause());
  }
}
