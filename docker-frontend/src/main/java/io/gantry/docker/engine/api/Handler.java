package io.gantry.docker.engine.api;

/**
 * Answers the requests of one route. Implementations are thread-safe; each request has a thread.
 */
@FunctionalInterface
public interface Handler {
  /**
   * Answers.
   *
   * @throws EngineException with the status that the client is to see
   * @throws Exception any other; {@link Failures} says what the client sees
   */
  void handle(Exchange exchange) throws Exception;
}
