package io.gantry.docker.engine.system;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Exchange;
import io.gantry.docker.engine.api.Json;
import io.gantry.docker.engine.api.Route;
import io.gantry.proto.v1.BuilderGrpc;
import io.gantry.proto.v1.CacheEntry;
import io.gantry.proto.v1.CacheUsageRequest;
import io.gantry.proto.v1.ImageDetails;
import io.gantry.proto.v1.ImageLayer;
import io.gantry.proto.v1.ImagesGrpc;
import io.gantry.proto.v1.ListImageDetailsRequest;
import io.gantry.proto.v1.ListVolumesRequest;
import io.gantry.proto.v1.Volume;
import io.gantry.proto.v1.VolumesGrpc;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** What everything takes on disk: /system/df. */
public final class DiskUsage {
  private static final Set<String> TYPES = Set.of("container", "image", "volume", "build-cache");

  private final Channel channel;
  private final Supplier<List<ObjectNode>> containers;

  /**
   * Endpoints.
   *
   * @param containers summaries of all, with their sizes
   */
  public DiskUsage(Channel channel, Supplier<List<ObjectNode>> containers) {
    this.channel = channel;
    this.containers = containers;
  }

  public List<Route> routes() {
    return List.of(Route.get("/system/df", this::usage));
  }

  private void usage(Exchange exchange) throws Exception {
    List<String> types = exchange.request().query().all("type");
    for (String type : types) {
      if (!TYPES.contains(type)) {
        throw EngineException.badRequest("unknown object type: " + type);
      }
    }
    ObjectNode answer = Json.object();
    List<ObjectNode> all = containers.get();
    if (wants(types, "image")) {
      images(answer, all);
    }
    if (wants(types, "container")) {
      ArrayNode list = answer.putArray("Containers");
      all.forEach(list::add);
    }
    if (wants(types, "volume")) {
      volumes(answer, all);
    }
    if (wants(types, "build-cache")) {
      cache(answer);
    }
    exchange.answer(200, answer);
  }

  private static boolean wants(List<String> types, String type) {
    return types.isEmpty() || types.contains(type);
  }

  private void images(ObjectNode answer, List<ObjectNode> containers) throws EngineException {
    Map<String, Integer> users = new HashMap<>();
    containers.forEach(each -> users.merge(each.path("ImageID").asText(), 1, Integer::sum));
    ArrayNode list = answer.putArray("Images");
    Map<String, Long> layers = new HashMap<>();
    Set<String> shared = new HashSet<>();
    try {
      Iterator<ImageDetails> images =
          ImagesGrpc.newBlockingStub(channel).list(ListImageDetailsRequest.getDefaultInstance());
      while (images.hasNext()) {
        ImageDetails image = images.next();
        for (ImageLayer layer : image.getLayersList()) {
          if (layers.put(layer.getChainId(), layer.getUnpackedBytes()) != null) {
            shared.add(layer.getChainId());
          }
        }
        list.add(image(image, users));
      }
    } catch (StatusRuntimeException e) {
      requireUnimplemented(e);
    }
    answer.put("LayersSize", layers.values().stream().mapToLong(Long::longValue).sum());
  }

  private static ObjectNode image(ImageDetails image, Map<String, Integer> users)
      throws EngineException {
    ObjectNode view = Json.object();
    JsonNode config = Json.parse(image.getConfig().toByteArray(), "image configuration");
    view.put("Id", image.getId()).put("ParentId", image.getParentId());
    view.set("RepoTags", Json.texts(image.getRepoTagsList()));
    view.set("RepoDigests", Json.texts(image.getRepoDigestsList()));
    view.set("Labels", Json.texts(Json.mapOf(config.path("config").path("Labels"))));
    return view.put("Created", created(config))
        .put("Size", image.getSizeBytes())
        .put("SharedSize", 0)
        .put("Containers", users.getOrDefault(image.getId(), 0));
  }

  private static long created(JsonNode config) {
    try {
      return Instant.parse(config.path("created").asText()).getEpochSecond();
    } catch (java.time.DateTimeException e) {
      return 0;
    }
  }

  private void volumes(ObjectNode answer, List<ObjectNode> containers) {
    ArrayNode list = answer.putArray("Volumes");
    try {
      for (Volume volume :
          VolumesGrpc.newBlockingStub(channel)
              .list(ListVolumesRequest.newBuilder().setSizes(true).build())
              .getVolumesList()) {
        long users =
            containers.stream()
                .filter(
                    each -> each.path("Mounts").findValuesAsText("Name").contains(volume.getName()))
                .count();
        ObjectNode view = list.addObject();
        view.put("Name", volume.getName())
            .put("Driver", "local")
            .put("Mountpoint", volume.getMountpoint())
            .put("Scope", "local")
            .put("CreatedAt", Instant.ofEpochSecond(0, volume.getCreatedAtNanos()).toString());
        view.set("Labels", Json.texts(volume.getLabelsMap()));
        view.set("Options", Json.texts(volume.getOptionsMap()));
        view.putObject("UsageData").put("Size", volume.getSizeBytes()).put("RefCount", users);
      }
    } catch (StatusRuntimeException e) {
      requireUnimplemented(e);
    }
  }

  private void cache(ObjectNode answer) {
    ArrayNode list = answer.putArray("BuildCache");
    try {
      for (CacheEntry entry :
          BuilderGrpc.newBlockingStub(channel)
              .cacheUsage(CacheUsageRequest.getDefaultInstance())
              .getEntriesList()) {
        list.addObject()
            .put("ID", entry.getId())
            .put("Type", "regular")
            .put("Description", entry.getDescription())
            .put("InUse", entry.getInUse())
            .put("Shared", false)
            .put("Size", entry.getSizeBytes())
            .put("CreatedAt", Instant.ofEpochSecond(0, entry.getCreatedAtNanos()).toString())
            .put("LastUsedAt", Instant.ofEpochSecond(0, entry.getLastUsedAtNanos()).toString())
            .put("UsageCount", entry.getUses());
      }
    } catch (StatusRuntimeException e) {
      requireUnimplemented(e);
    }
  }

  /** What a runtime does not have takes no room. */
  private static void requireUnimplemented(StatusRuntimeException e) {
    if (e.getStatus().getCode() != Status.Code.UNIMPLEMENTED) {
      throw e;
    }
  }
}
