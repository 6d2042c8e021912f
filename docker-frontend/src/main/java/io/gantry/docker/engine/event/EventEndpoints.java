package io.gantry.docker.engine.event;

import io.gantry.docker.engine.api.Exchange;
import io.gantry.docker.engine.api.Filters;
import io.gantry.docker.engine.api.Json;
import io.gantry.docker.engine.api.Request;
import io.gantry.docker.engine.api.Route;
import io.gantry.docker.engine.api.Times;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** The stream of events. */
public final class EventEndpoints {
  private static final Set<String> FILTERS =
      Set.of(
          "config",
          "container",
          "daemon",
          "event",
          "image",
          "label",
          "network",
          "node",
          "plugin",
          "scope",
          "secret",
          "service",
          "type",
          "volume");
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(1);

  private final Events events;
  private final Clock clock;

  public EventEndpoints(Events events, Clock clock) {
    this.events = events;
    this.clock = clock;
  }

  public List<Route> routes() {
    return List.of(Route.get("/events", this::stream));
  }

  private void stream(Exchange exchange) throws Exception {
    Request request = exchange.request();
    Filters filters = Filters.of(request.query(), FILTERS);
    Optional<Instant> since = Times.parse("since", request.query().text("since"), clock.instant());
    Optional<Instant> until = Times.parse("until", request.query().text("until"), clock.instant());
    Thread here = Thread.currentThread();
    exchange.onGone(here::interrupt);
    try (Events.Listener listener = events.listen();
        OutputStream out = exchange.stream(200, contentType(request))) {
      if (since.isPresent()) {
        for (Event event : listener.before()) {
          boolean inTime =
              !event.time().isBefore(since.get())
                  && (until.isEmpty() || !event.time().isAfter(until.get()));
          if (inTime && fits(filters, event)) {
            send(out, event, request);
          }
        }
      }
      follow(listener, until, filters, out, request);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // The client is gone.
    }
  }

  private void follow(
      Events.Listener listener,
      Optional<Instant> until,
      Filters filters,
      OutputStream out,
      Request request)
      throws InterruptedException, IOException {
    while (listener.isListening()) {
      long wait = LONGEST_WAIT.toMillis();
      if (until.isPresent()) {
        long left = Duration.between(clock.instant(), until.get()).toMillis();
        if (left <= 0) {
          return;
        }
        wait = Math.min(wait, left);
      }
      Event event = listener.queue().poll(wait, TimeUnit.MILLISECONDS);
      if (event != null && fits(filters, event)) {
        send(out, event, request);
      }
    }
  }

  private static void send(OutputStream out, Event event, Request request) throws IOException {
    String line = Json.text(event.toJson(request.version())) + "\n";
    out.write(line.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  private static String contentType(Request request) {
    return request.version().isAtLeast(52) ? "application/jsonl" : "application/json";
  }

  private static boolean fits(Filters filters, Event event) {
    // exec_create: CMD is found by exec_create.
    String act = event.action().split(":", 2)[0];
    boolean fits =
        filters.fits("event", wanted -> wanted.equals(event.action()) || wanted.equals(act))
            && filters.fits("type", event.type()::equals)
            && filters.fits("scope", "local"::equals)
            && filters.fitsLabels("label", event.attributes());
    for (String kind :
        List.of(
            "container",
            "image",
            "network",
            "volume",
            "daemon",
            "plugin",
            "service",
            "node",
            "secret",
            "config")) {
      fits = fits && (!filters.has(kind) || isOf(kind, filters, event));
    }
    return fits;
  }

  private static boolean isOf(String kind, Filters filters, Event event) {
    if (kind.equals("image") && event.type().equals("container")) {
      return filters.fits("image", event.attributes().getOrDefault("image", "")::equals);
    }
    return event.type().equals(kind)
        && filters.fits(
            kind,
            wanted ->
                event.id().equals(wanted)
                    || wanted.length() >= 12 && event.id().startsWith(wanted)
                    || wanted.equals(event.attributes().get("name")));
  }
}
