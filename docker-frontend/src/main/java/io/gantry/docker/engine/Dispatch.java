package io.gantry.docker.engine;

import io.gantry.docker.engine.api.ApiVersion;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Exchange;
import io.gantry.docker.engine.api.Failures;
import io.gantry.docker.engine.api.Json;
import io.gantry.docker.engine.api.Query;
import io.gantry.docker.engine.api.Request;
import io.gantry.docker.engine.api.Router;
import io.gantry.docker.engine.http.Head;
import io.gantry.docker.engine.http.Service;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings each request to its handler, and each failure to its client. */
final class Dispatch implements Service {
  private static final Logger log = LoggerFactory.getLogger(Dispatch.class);

  private final Router router;
  private final String version;

  Dispatch(Router router, String version) {
    this.router = router;
    this.version = version;
  }

  @Override
  public List<String> everyAnswer(Head head) {
    return List.of(
        "Api-Version: " + ApiVersion.NEWEST,
        "Docker-Experimental: false",
        "Ostype: linux",
        "Server: Docker/" + version + " (linux)");
  }

  @Override
  public void serve(Head head, InputStream body, Answering answering) {
    Request bare =
        new Request(
            head.method(),
            head.path(),
            ApiVersion.NEWEST,
            new Query(Map.of()),
            head.headers(),
            Map.of(),
            body);
    Exchange exchange = answering.to(bare);
    try {
      Router.Found found = router.find(head.method(), head.path());
      exchange =
          answering.to(
              new Request(
                  head.method(),
                  found.path(),
                  found.version(),
                  Query.parse(head.query()),
                  head.headers(),
                  found.parameters(),
                  body));
      found.handler().handle(exchange);
      log.atDebug().addKeyValue("request", head.method() + " " + head.path()).log("answered");
    } catch (Exception | LinkageError | StackOverflowError e) {
      fail(head, exchange, e);
    }
  }

  private static void fail(Head head, Exchange exchange, Throwable failure) {
    EngineException told = Failures.of(failure);
    String request = head.method() + " " + head.path();
    if (told.status() == 500 && !(failure instanceof EngineException) && !exchange.isBegun()) {
      log.atWarn().addKeyValue("request", request).setCause(failure).log("request failed");
    } else {
      log.atDebug()
          .addKeyValue("request", request)
          .addKeyValue("status", told.status())
          .addKeyValue("error", told.getMessage())
          .log("request failed");
    }
    if (exchange.isBegun()) {
      return;
    }
    try {
      exchange.answer(told.status(), Json.object().put("message", told.getMessage()));
    } catch (IOException e) {
      log.atDebug().addKeyValue("request", request).log("the client went before its answer");
    }
  }
}
