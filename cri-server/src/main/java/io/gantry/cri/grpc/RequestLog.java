package io.gantry.cri.grpc;

import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Writes one line when a request ends. Requests get a number that every line logged on their thread
 * carries as {@code rpc}. Requests and responses themselves are not logged: they may hold
 * credentials. Thread-safe.
 */
final class RequestLog {
  private static final Logger log = LoggerFactory.getLogger(RequestLog.class);
  private static final String REQUEST = "rpc";

  /** Marks the thread as working on a request until {@link #end()}. */
  void begin(long number) {
    MDC.put(REQUEST, Long.toString(number));
  }

  void end() {
    MDC.remove(REQUEST);
  }

  void succeeded(String method, Duration took) {
    log.atDebug().addKeyValue("method", method).addKeyValue("took", millis(took)).log("request");
  }

  /** Logs a stream that came to its end. */
  void streamed(String method, Duration took, long messages) {
    log.atDebug()
        .addKeyValue("method", method)
        .addKeyValue("took", millis(took))
        .addKeyValue("messages", messages)
        .log("stream");
  }

  /** Logs a failed request; the only place that does, so that each failure is told once. */
  void failed(String method, Duration took, Status status) {
    var line =
        switch (status.getCode()) {
          // Callers ask after objects that may be gone as a matter of course.
          case NOT_FOUND, CANCELLED, UNIMPLEMENTED -> log.atDebug();
          case INTERNAL, UNKNOWN, DATA_LOSS ->
              log.atError().setCause(unexplained(status.getCause()));
          default -> log.atWarn().setCause(unexplained(status.getCause()));
        };
    line.addKeyValue("method", method)
        .addKeyValue("took", millis(took))
        .addKeyValue("code", status.getCode())
        .addKeyValue("error", status.getDescription())
        .log("request failed");
  }

  /** The failure, if its words alone do not tell what happened: then its stack is needed. */
  private static Throwable unexplained(Throwable failure) {
    boolean explained = failure instanceof CriException || failure instanceof IOException;
    return explained && !log.isDebugEnabled() ? null : failure;
  }

  private static String millis(Duration took) {
    return "%.1fms".formatted(took.toNanos() / 1e6);
  }
}
