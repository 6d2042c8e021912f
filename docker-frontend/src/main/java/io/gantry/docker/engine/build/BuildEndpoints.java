package io.gantry.docker.engine.build;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.UnsafeByteOperations;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Exchange;
import io.gantry.docker.engine.api.Failures;
import io.gantry.docker.engine.api.Json;
import io.gantry.docker.engine.api.JsonLines;
import io.gantry.docker.engine.api.Query;
import io.gantry.docker.engine.api.Route;
import io.gantry.proto.v1.BuildProgress;
import io.gantry.proto.v1.BuildRequest;
import io.gantry.proto.v1.BuildStart;
import io.gantry.proto.v1.BuilderGrpc;
import io.gantry.proto.v1.PruneCacheRequest;
import io.gantry.proto.v1.PruneCacheResponse;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** POST /build and POST /build/prune. */
public final class BuildEndpoints {
  private static final int CHUNK_BYTES = 256 << 10;

  private final Channel channel;

  public BuildEndpoints(Channel channel) {
    this.channel = channel;
  }

  public List<Route> routes() {
    return List.of(Route.post("/build", this::build), Route.post("/build/prune", this::prune));
  }

  private void build(Exchange exchange) throws Exception {
    BuildStart start =
        BuildParameters.of(
            exchange.request().query(), exchange.request().header("X-Registry-Config"));
    boolean quiet = exchange.request().query().flag("q");
    Context.CancellableContext context = Context.current().withCancellation();
    exchange.onGone(() -> context.cancel(null));
    try {
      context.call(
          () -> {
            JsonLines.answer(exchange, lines -> new OneBuild(lines, quiet).run(exchange, start));
            return null;
          });
    } finally {
      context.cancel(null);
    }
  }

  /** One build and the lines that tell of it. */
  private final class OneBuild {
    private final JsonLines lines;
    private final boolean quiet;
    private int exitCode;

    OneBuild(JsonLines lines, boolean quiet) {
      this.lines = lines;
      this.quiet = quiet;
    }

    void run(Exchange exchange, BuildStart start) throws Exception {
      BuildCall call = BuildCall.begin(BuilderGrpc.newStub(channel));
      Thread sender =
          new Thread(() -> send(call, start, exchange.request().body()), "build-context");
      sender.setDaemon(true);
      sender.start();
      try {
        String image = "";
        for (var message = call.next(); message.isPresent(); message = call.next()) {
          image = message.get().getImageId().isEmpty() ? image : message.get().getImageId();
          tell(message.get());
        }
        if (quiet) {
          lines.send(Json.object().put("stream", image + "\n"));
        }
      } catch (StatusRuntimeException e) {
        fail(e);
      }
    }

    private void tell(BuildProgress message) throws IOException {
      if (message.getExitCode() != 0) {
        exitCode = message.getExitCode();
      }
      if (!quiet && !message.getWords().isEmpty()) {
        lines.send(Json.object().put("stream", message.getWords()));
      }
      if (!quiet && !message.getImageId().isEmpty()) {
        ObjectNode line = Json.object();
        line.putObject("aux").put("ID", message.getImageId());
        lines.send(line);
      }
    }

    /** As the Engine tells of builds that fail: in the stream, with the program's code. */
    private void fail(StatusRuntimeException e) throws IOException {
      EngineException failure = Failures.of(e);
      ObjectNode line = Json.object();
      ObjectNode detail = line.putObject("errorDetail");
      if (exitCode != 0) {
        detail.put("code", exitCode);
      }
      detail.put("message", failure.getMessage());
      lines.send(line.put("error", failure.getMessage()));
    }
  }

  /** The context, as fast as the builder takes it. */
  private static void send(BuildCall call, BuildStart start, InputStream body) {
    try {
      call.send(BuildRequest.newBuilder().setStart(start).build());
      byte[] buffer = new byte[CHUNK_BYTES];
      for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
        byte[] chunk = Arrays.copyOf(buffer, n);
        call.send(
            BuildRequest.newBuilder().setContext(UnsafeByteOperations.unsafeWrap(chunk)).build());
      }
      call.sent();
    } catch (IOException | RuntimeException e) {
      call.abandon(e);
    }
  }

  private void prune(Exchange exchange) throws Exception {
    Query query = exchange.request().query();
    PruneCacheRequest.Builder request = PruneCacheRequest.newBuilder().setAll(query.flag("all"));
    query.number("keep-storage").ifPresent(request::setKeepBytes);
    query.number("reserved-space").ifPresent(request::setKeepBytes);
    if (query.given("filters").isPresent()) {
      filters(query.text("filters"), request);
    }
    PruneCacheResponse pruned = BuilderGrpc.newBlockingStub(channel).pruneCache(request.build());
    ObjectNode answer = Json.object();
    answer.set("CachesDeleted", Json.texts(pruned.getIdsList()));
    exchange.answer(200, answer.put("SpaceReclaimed", pruned.getFreedBytes()));
  }

  /** {@code until} is how long something was not used; there is nothing to know of the others. */
  private static void filters(String text, PruneCacheRequest.Builder request)
      throws EngineException {
    for (var filter : Json.parse(text, "filters").properties()) {
      if (!filter.getKey().equals("until") && !filter.getKey().equals("unused-for")) {
        throw EngineException.badRequest(
            "invalid filter '" + filter.getKey() + "': builds' caches have until alone");
      }
      JsonNode values = filter.getValue();
      String value =
          values.isObject() && values.fieldNames().hasNext()
              ? values.fieldNames().next()
              : values.path(0).asText(values.asText());
      request.setUnusedForSeconds(seconds(value));
    }
  }

  private static long seconds(String text) throws EngineException {
    long total = 0;
    Matcher part = Pattern.compile("([0-9]{1,9})(h|m|s)").matcher(text);
    int end = 0;
    while (part.lookingAt()) {
      long unit = part.group(2).equals("h") ? 3600 : part.group(2).equals("m") ? 60 : 1;
      total += Long.parseLong(part.group(1)) * unit;
      end = part.end();
      part.region(end, text.length());
    }
    if (end != text.length() || text.isEmpty()) {
      throw EngineException.badRequest(
          "invalid filter 'until=" + text + "': a duration such as 24h or 1h30m");
    }
    return total;
  }
}
