package io.gantry.docker.engine.api;

/** A failure with the status that its client is to see; the message is for a person. */
public final class EngineException extends Exception {
  private static final long serialVersionUID = 1;

  private final int status;

  public EngineException(int status, String message) {
    super(message);
    this.status = status;
  }

  public static EngineException badRequest(String message) {
    return new EngineException(400, message);
  }

  public static EngineException forbidden(String message) {
    return new EngineException(403, message);
  }

  public static EngineException notFound(String message) {
    return new EngineException(404, message);
  }

  public static EngineException conflict(String message) {
    return new EngineException(409, message);
  }

  public static EngineException failed(String message) {
    return new EngineException(500, message);
  }

  public static EngineException notImplemented(String message) {
    return new EngineException(501, message);
  }

  public static EngineException unavailable(String message) {
    return new EngineException(503, message);
  }

  /** The HTTP status. */
  public int status() {
    return status;
  }
}
