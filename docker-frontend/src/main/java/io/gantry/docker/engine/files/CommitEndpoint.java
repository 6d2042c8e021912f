package io.gantry.docker.engine.files;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Exchange;
import io.gantry.docker.engine.api.Json;
import io.gantry.docker.engine.api.Query;
import io.gantry.docker.engine.api.Route;
import io.gantry.docker.engine.image.ConfigChanges;
import io.gantry.docker.engine.record.ContainerRecords;
import io.gantry.docker.engine.record.DockerContainer;
import io.gantry.docker.engine.record.Status;
import io.gantry.docker.engine.runtime.Runtime;
import io.gantry.proto.v1.CommitRequest;
import io.gantry.proto.v1.PauseRequest;
import io.gantry.proto.v1.UnpauseRequest;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes images of containers: POST /commit. Thread-safe. */
public final class CommitEndpoint {
  /** What of a container's configuration an image has. */
  private static final List<String> KEPT =
      List.of(
          "User",
          "ExposedPorts",
          "Env",
          "Entrypoint",
          "Cmd",
          "ArgsEscaped",
          "Volumes",
          "WorkingDir",
          "Labels",
          "StopSignal",
          "Healthcheck",
          "OnBuild",
          "Shell");

  private final Runtime runtime;
  private final ContainerRecords containers;
  private final Teller teller;

  /** Tells those who listen of what has happened to a container. */
  @FunctionalInterface
  public interface Teller {
    void tell(String action, String id, Map<String, String> attributes);
  }

  public CommitEndpoint(Runtime runtime, ContainerRecords containers, Teller teller) {
    this.runtime = runtime;
    this.containers = containers;
    this.teller = teller;
  }

  public List<Route> routes() {
    return List.of(Route.post("/commit", this::commit));
  }

  private void commit(Exchange exchange) throws EngineException, IOException {
    Query query = exchange.request().query();
    DockerContainer container =
        containers.get(
            query
                .given("container")
                .orElseThrow(() -> EngineException.badRequest("missing parameter: container")));
    ObjectNode config = config(container, exchange.request().json());
    merge(config, ConfigChanges.of(query.all("changes")));
    CommitRequest request =
        CommitRequest.newBuilder()
            .setKey(container.id())
            .setReference(reference(query))
            .setComment(query.text("comment"))
            .setAuthor(query.text("author"))
            .setConfig(ByteString.copyFrom(Json.bytes(config)))
            .setCreatedBy(String.join(" ", Json.listOf(container.config().path("Cmd"))))
            .build();
    String id = standingStill(container, query.flag("pause", true), request);
    teller.tell(
        "commit",
        container.id(),
        Map.of("comment", query.text("comment"), "imageID", id, "imageRef", reference(query)));
    exchange.answer(201, Json.object().put("Id", id));
  }

  private String standingStill(DockerContainer container, boolean pause, CommitRequest request) {
    boolean own = pause && container.status() == Status.RUNNING;
    if (own) {
      runtime
          .containers()
          .pause(PauseRequest.newBuilder().setContainerId(container.runtimeId()).build());
    }
    try {
      return runtime.layers().commit(request).getImageId();
    } finally {
      if (own) {
        runtime
            .containers()
            .unpause(UnpauseRequest.newBuilder().setContainerId(container.runtimeId()).build());
      }
    }
  }

  private static String reference(Query query) {
    String repository = query.text("repo");
    String tag = query.text("tag");
    return repository.isEmpty() || tag.isEmpty() ? repository : repository + ":" + tag;
  }

  /** The container's configuration with what is asked for in its place. */
  private static ObjectNode config(DockerContainer container, JsonNode asked) {
    ObjectNode config = Json.object();
    ObjectNode own = container.config();
    for (String name : KEPT) {
      JsonNode value =
          asked.path(name).isEmpty() && asked.path(name).asText("").isEmpty()
              ? own.path(name)
              : asked.path(name);
      if (!value.isMissingNode() && !value.isNull()) {
        config.set(name, value);
      }
    }
    return config;
  }

  private static void merge(ObjectNode config, ObjectNode changes) {
    for (Map.Entry<String, JsonNode> change : changes.properties()) {
      String name = change.getKey();
      if (change.getValue().isObject() && config.path(name).isObject()) {
        ((ObjectNode) config.path(name)).setAll((ObjectNode) change.getValue());
      } else if (name.equals("Env")) {
        Set<String> names = new LinkedHashSet<>();
        Json.listOf(change.getValue()).forEach(one -> names.add(one.split("=", 2)[0]));
        var all = Json.array();
        for (String one : Json.listOf(config.path("Env"))) {
          if (!names.contains(one.split("=", 2)[0])) {
            all.add(one);
          }
        }
        Json.listOf(change.getValue()).forEach(all::add);
        config.set("Env", all);
      } else {
        config.set(name, change.getValue());
      }
    }
  }
}
