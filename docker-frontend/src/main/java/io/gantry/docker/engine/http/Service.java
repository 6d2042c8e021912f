package io.gantry.docker.engine.http;

import io.gantry.docker.engine.api.Exchange;
import java.io.InputStream;
import java.util.List;

/** Who answers requests. */
public interface Service {
  /** Answers; called on a thread of the request's own. Failures are the service's to tell. */
  void serve(Head head, InputStream body, Answering answering);

  /** Headers of every answer, as {@code Name: value}. */
  List<String> everyAnswer(Head head);

  /** Makes the exchange that answers, for the request that the service has found in the head. */
  @FunctionalInterface
  interface Answering {
    Exchange to(io.gantry.docker.engine.api.Request request);
  }
}
