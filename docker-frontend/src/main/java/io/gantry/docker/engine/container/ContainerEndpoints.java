package io.gantry.docker.engine.container;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Exchange;
import io.gantry.docker.engine.api.Json;
import io.gantry.docker.engine.api.Query;
import io.gantry.docker.engine.api.Request;
import io.gantry.docker.engine.api.Route;
import io.gantry.docker.engine.options.Limits;
import io.gantry.docker.engine.options.RestartPolicy;
import io.gantry.docker.engine.record.ContainerRecords;
import io.gantry.docker.engine.record.DockerContainer;
import io.gantry.docker.engine.record.Status;
import io.gantry.docker.engine.runtime.Runtime;
import io.gantry.docker.engine.stream.DetachKeys;
import io.gantry.proto.cri.v1.LinuxContainerResources;
import io.gantry.proto.cri.v1.UpdateContainerResourcesRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/** Making, starting, ending, changing and showing containers. */
final class ContainerEndpoints {
  private final Runtime runtime;
  private final ContainerRecords records;
  private final Creation creation;
  private final Lifecycle lifecycle;
  private final Stopping stopping;
  private final Removing removing;
  private final Views views;
  private final Listing listing;
  private final Sizes sizes;
  private final ContainerEvents events;
  private final Strangers strangers;
  private final Function<String, List<String>> execIds;

  ContainerEndpoints(
      Runtime runtime,
      ContainerRecords records,
      Creation creation,
      Lifecycle lifecycle,
      Stopping stopping,
      Removing removing,
      Views views,
      Listing listing,
      Sizes sizes,
      ContainerEvents events,
      Strangers strangers,
      Function<String, List<String>> execIds) {
    this.runtime = runtime;
    this.records = records;
    this.creation = creation;
    this.lifecycle = lifecycle;
    this.stopping = stopping;
    this.removing = removing;
    this.views = views;
    this.listing = listing;
    this.sizes = sizes;
    this.events = events;
    this.strangers = strangers;
    this.execIds = execIds;
  }

  List<Route> routes() {
    return List.of(
        Route.get("/containers/json", this::list),
        Route.post("/containers/create", this::create),
        Route.post("/containers/prune", this::prune),
        Route.get("/containers/{id}/json", this::inspect),
        Route.post("/containers/{id}/start", this::start),
        Route.post("/containers/{id}/stop", this::stop),
        Route.post("/containers/{id}/restart", this::restart),
        Route.post("/containers/{id}/kill", this::kill),
        Route.post("/containers/{id}/pause", this::pause),
        Route.post("/containers/{id}/unpause", this::unpause),
        Route.post("/containers/{id}/rename", this::rename),
        Route.post("/containers/{id}/update", this::update),
        Route.delete("/containers/{id}", this::remove));
  }

  private DockerContainer named(Exchange exchange) throws EngineException {
    String reference = exchange.request().parameter("id");
    Optional<DockerContainer> own = records.find(reference);
    if (own.isPresent()) {
      return own.get();
    }
    strangers.protect(reference);
    throw EngineException.notFound("No such container: " + reference);
  }

  private void list(Exchange exchange) throws Exception {
    ArrayNode answer = listing.list(exchange.request().query());
    exchange.answer(200, answer);
  }

  private void create(Exchange exchange) throws Exception {
    Request request = exchange.request();
    DockerContainer container =
        creation.create(
            request.query().given("name"), request.query().text("platform"), request.json());
    ObjectNode answer = Json.object().put("Id", container.id());
    answer.putArray("Warnings");
    exchange.answer(201, answer);
  }

  private void inspect(Exchange exchange) throws Exception {
    String reference = exchange.request().parameter("id");
    Optional<DockerContainer> own = records.find(reference);
    if (own.isEmpty()) {
      Optional<ObjectNode> stranger = strangers.inspect(reference);
      exchange.answer(
          200,
          stranger.orElseThrow(() -> EngineException.notFound("No such container: " + reference)));
      return;
    }
    ObjectNode view = views.inspect(own.get(), execIds.apply(own.get().id()));
    if (exchange.request().query().flag("size")) {
      sizes.addTo(view, own.get());
    }
    exchange.answer(200, view);
  }

  private void start(Exchange exchange) throws Exception {
    Query query = exchange.request().query();
    if (query.has("checkpoint") && !query.text("checkpoint").isEmpty()) {
      throw EngineException.notImplemented("gantry starts no container from a checkpoint here");
    }
    DetachKeys.parse(query.text("detachKeys"));
    exchange.answer(lifecycle.start(named(exchange)) ? 204 : 304);
  }

  private void stop(Exchange exchange) throws Exception {
    Query query = exchange.request().query();
    DockerContainer container = named(exchange);
    if (query.given("signal").isPresent()) {
      Signals.number(query.text("signal"));
    }
    boolean ran = stopping.stop(container, query.text("signal"), query.number("t"), true);
    exchange.answer(ran ? 204 : 304);
  }

  private void restart(Exchange exchange) throws Exception {
    Query query = exchange.request().query();
    DockerContainer container = named(exchange);
    stopping.stop(container, query.text("signal"), query.number("t"), true);
    lifecycle.start(container);
    events.tell(container, "restart");
    exchange.answer(204);
  }

  private void kill(Exchange exchange) throws Exception {
    stopping.kill(named(exchange), exchange.request().query().text("signal", "KILL"));
    exchange.answer(204);
  }

  private void pause(Exchange exchange) throws Exception {
    stopping.pause(named(exchange));
    exchange.answer(204);
  }

  private void unpause(Exchange exchange) throws Exception {
    stopping.unpause(named(exchange));
    exchange.answer(204);
  }

  private void rename(Exchange exchange) throws Exception {
    DockerContainer container = named(exchange);
    String name = exchange.request().query().text("name");
    if (name.isEmpty()) {
      throw EngineException.badRequest("Neither old nor new names may be empty");
    }
    String checked = Names.check(name);
    String before = container.name();
    if (checked.equals(before)) {
      throw EngineException.badRequest(
          "Renaming a container with the same name as its current name");
    }
    records.rename(container, checked);
    events.tell(container, "rename", Map.of("oldName", "/" + before));
    exchange.answer(204);
  }

  private void update(Exchange exchange) throws Exception {
    DockerContainer container = named(exchange);
    JsonNode body = exchange.request().json();
    container.lock().lock();
    try {
      ObjectNode host = container.hostConfig();
      for (Map.Entry<String, JsonNode> field : body.properties()) {
        JsonNode value = field.getValue();
        boolean given =
            !value.isNull()
                && !(value.isNumber() && value.asLong() == 0)
                && !(value.isTextual() && value.asText().isEmpty())
                && !(value.isContainerNode() && value.isEmpty())
                && !(field.getKey().equals("RestartPolicy")
                    && value.path("Name").asText("").isEmpty());
        if (given) {
          host.set(field.getKey(), value);
        }
      }
      io.gantry.docker.engine.options.OptionCheck.all(container.config(), host);
      RestartPolicy.of(host.path("RestartPolicy"));
      if (container.status().isRunning()) {
        LinuxContainerResources limits = Limits.of(host);
        runtime
            .pods()
            .updateContainerResources(
                UpdateContainerResourcesRequest.newBuilder()
                    .setContainerId(container.runtimeId())
                    .setLinux(limits)
                    .build());
      }
      container.setHostConfig(host);
      records.write(container);
    } finally {
      container.lock().unlock();
    }
    events.tell(container, "update");
    ObjectNode answer = Json.object();
    answer.putArray("Warnings");
    exchange.answer(200, answer);
  }

  private void remove(Exchange exchange) throws Exception {
    Query query = exchange.request().query();
    if (query.flag("link")) {
      throw EngineException.badRequest("gantry has no links between containers to remove");
    }
    removing.remove(named(exchange), query.flag("v"), query.flag("force"));
    exchange.answer(204);
  }

  private void prune(Exchange exchange) throws Exception {
    List<DockerContainer> ended = listing.toPrune(exchange.request().query());
    List<String> gone = new ArrayList<>();
    long freed = 0;
    for (DockerContainer container : ended) {
      OptionalLong size = sizes.ofLayer(container);
      try {
        removing.remove(container, true, false);
        gone.add(container.id());
        freed += size.orElse(0);
      } catch (EngineException e) {
        if (container.status() == Status.REMOVING) {
          throw e;
        }
        // It was started meanwhile: it stays.
      }
    }
    ObjectNode answer = Json.object();
    answer.set("ContainersDeleted", Json.texts(gone));
    exchange.answer(200, answer.put("SpaceReclaimed", freed));
  }
}
