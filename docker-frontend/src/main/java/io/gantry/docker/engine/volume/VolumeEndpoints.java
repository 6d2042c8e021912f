package io.gantry.docker.engine.volume;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Exchange;
import io.gantry.docker.engine.api.Filters;
import io.gantry.docker.engine.api.Json;
import io.gantry.docker.engine.api.Route;
import io.gantry.docker.engine.record.ContainerRecords;
import io.gantry.docker.engine.record.DockerContainer;
import io.gantry.docker.engine.runtime.Runtime;
import io.gantry.proto.v1.CreateVolumeRequest;
import io.gantry.proto.v1.InspectVolumeRequest;
import io.gantry.proto.v1.ListVolumesRequest;
import io.gantry.proto.v1.RemoveVolumeRequest;
import io.gantry.proto.v1.Volume;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The endpoints of volumes. Thread-safe. */
public final class VolumeEndpoints {
  private static final Set<String> FILTERS =
      Set.of("name", "label", "label!", "driver", "dangling");
  private static final Set<String> PRUNE_FILTERS = Set.of("label", "label!", "all");
  private static final String ANONYMOUS = "com.docker.volume.anonymous";

  private final Runtime runtime;
  private final ContainerRecords containers;
  private final Teller teller;

  /** Tells those who listen of what has happened to a volume. */
  @FunctionalInterface
  public interface Teller {
    void tell(String action, String id, Map<String, String> attributes);
  }

  public VolumeEndpoints(Runtime runtime, ContainerRecords containers, Teller teller) {
    this.runtime = runtime;
    this.containers = containers;
    this.teller = teller;
  }

  public List<Route> routes() {
    return List.of(
        Route.get("/volumes", this::list),
        Route.post("/volumes/create", this::create),
        Route.post("/volumes/prune", this::prune),
        Route.get("/volumes/{name}", this::inspect),
        Route.delete("/volumes/{name}", this::remove));
  }

  private void list(Exchange exchange) throws EngineException, IOException {
    Filters filters = Filters.of(exchange.request().query(), FILTERS);
    boolean dangling = filters.flag("dangling", false);
    ObjectNode answer = Json.object();
    ArrayNode volumes = answer.putArray("Volumes");
    for (Volume volume : all(false)) {
      boolean fits =
          filters.fits("name", name -> volume.getName().contains(name))
              && filters.fits("driver", "local"::equals)
              && filters.fitsLabels("label", volume.getLabelsMap())
              && hasNone(filters, volume)
              && (!filters.has("dangling") || users(volume.getName()).isEmpty() == dangling);
      if (fits) {
        volumes.add(view(volume));
      }
    }
    answer.putNull("Warnings");
    exchange.answer(200, answer);
  }

  private static boolean hasNone(Filters filters, Volume volume) {
    return filters.get("label!").stream()
        .noneMatch(label -> Filters.hasLabel(volume.getLabelsMap(), label));
  }

  private List<Volume> all(boolean sizes) {
    return runtime
        .volumes()
        .list(ListVolumesRequest.newBuilder().setSizes(sizes).build())
        .getVolumesList();
  }

  private void create(Exchange exchange) throws EngineException, IOException {
    JsonNode body = exchange.request().json();
    String driver = body.path("Driver").asText("local");
    if (!driver.isEmpty() && !driver.equals("local") && !driver.equals("null")) {
      throw EngineException.notFound(
          "error looking up volume plugin " + driver + ": plugin \"" + driver + "\" not found");
    }
    if (body.path("ClusterVolumeSpec").isObject()) {
      throw EngineException.notImplemented("gantry has no cluster volumes");
    }
    Volume volume =
        runtime
            .volumes()
            .create(
                CreateVolumeRequest.newBuilder()
                    .setName(body.path("Name").asText(""))
                    .putAllOptions(Json.mapOf(body.path("DriverOpts")))
                    .putAllLabels(Json.mapOf(body.path("Labels")))
                    .build());
    teller.tell("create", volume.getName(), Map.of("driver", "local"));
    exchange.answer(201, view(volume));
  }

  private void inspect(Exchange exchange) throws EngineException, IOException {
    String name = exchange.request().parameter("name");
    try {
      exchange.answer(
          200,
          view(runtime.volumes().inspect(InspectVolumeRequest.newBuilder().setName(name).build())));
    } catch (StatusRuntimeException e) {
      throw missing(name, e);
    }
  }

  private static EngineException missing(String name, StatusRuntimeException failure) {
    if (failure.getStatus().getCode() != Status.Code.NOT_FOUND) {
      throw failure;
    }
    return EngineException.notFound("get " + name + ": no such volume");
  }

  private void remove(Exchange exchange) throws EngineException, IOException {
    String name = exchange.request().parameter("name");
    boolean force = exchange.request().query().flag("force");
    List<String> users = users(name);
    if (!users.isEmpty()) {
      throw EngineException.conflict(
          "remove " + name + ": volume is in use - [" + String.join(", ", users) + "]");
    }
    try {
      runtime.volumes().remove(RemoveVolumeRequest.newBuilder().setName(name).build());
      teller.tell("destroy", name, Map.of("driver", "local"));
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() != Status.Code.NOT_FOUND || !force) {
        throw missing(name, e);
      }
    }
    exchange.answer(204);
  }

  private void prune(Exchange exchange) throws EngineException, IOException {
    Filters filters = Filters.of(exchange.request().query(), PRUNE_FILTERS);
    boolean named = filters.flag("all", false);
    ObjectNode answer = Json.object();
    ArrayNode deleted = answer.putArray("VolumesDeleted");
    long reclaimed = 0;
    for (Volume volume : all(true)) {
      boolean fits =
          (named || volume.getLabelsMap().containsKey(ANONYMOUS))
              && filters.fitsLabels("label", volume.getLabelsMap())
              && hasNone(filters, volume)
              && users(volume.getName()).isEmpty();
      if (fits && removed(volume.getName())) {
        deleted.add(volume.getName());
        reclaimed += volume.getSizeBytes();
      }
    }
    answer.put("SpaceReclaimed", reclaimed);
    teller.tell("prune", "", Map.of("reclaimed", Long.toString(reclaimed)));
    exchange.answer(200, answer);
  }

  private boolean removed(String name) {
    try {
      runtime.volumes().remove(RemoveVolumeRequest.newBuilder().setName(name).build());
      teller.tell("destroy", name, Map.of("driver", "local"));
      return true;
    } catch (StatusRuntimeException e) {
      Status.Code code = e.getStatus().getCode();
      if (code != Status.Code.NOT_FOUND && code != Status.Code.FAILED_PRECONDITION) {
        throw e;
      }
      // Somebody has removed it meanwhile, or uses it.
      return false;
    }
  }

  /** The containers that have a volume, whether or not they run. */
  private List<String> users(String name) {
    return containers.all().stream()
        .filter(container -> uses(container, name))
        .map(DockerContainer::id)
        .toList();
  }

  private static boolean uses(DockerContainer container, String name) {
    for (JsonNode mount : container.mounts()) {
      if (mount.path("Type").asText().equals("volume")
          && mount.path("Name").asText().equals(name)) {
        return true;
      }
    }
    return false;
  }

  private static ObjectNode view(Volume volume) {
    ObjectNode view = Json.object();
    view.put("CreatedAt", Instant.ofEpochSecond(0, volume.getCreatedAtNanos()).toString())
        .put("Driver", "local");
    view.set("Labels", volume.getLabelsCount() == 0 ? null : Json.texts(volume.getLabelsMap()));
    view.put("Mountpoint", volume.getMountpoint()).put("Name", volume.getName());
    view.set("Options", volume.getOptionsCount() == 0 ? null : Json.texts(volume.getOptionsMap()));
    return view.put("Scope", "local");
  }
}
