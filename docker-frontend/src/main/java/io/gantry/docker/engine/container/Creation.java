package io.gantry.docker.engine.container;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Json;
import io.gantry.docker.engine.options.ContainerConfigs;
import io.gantry.docker.engine.options.Mounts;
import io.gantry.docker.engine.options.OptionCheck;
import io.gantry.docker.engine.record.ContainerRecords;
import io.gantry.docker.engine.record.DockerContainer;
import io.gantry.docker.engine.runtime.ImageFacts;
import io.gantry.docker.engine.runtime.Runtime;
import io.gantry.proto.v1.CreateLayerRequest;
import io.gantry.proto.v1.CreateVolumeRequest;
import io.gantry.proto.v1.PopulateVolumeRequest;
import io.gantry.proto.v1.RemoveLayerRequest;
import io.gantry.proto.v1.RemoveVolumeRequest;
import io.gantry.proto.v1.Volume;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes containers: checked wishes, a name, a layer, volumes, a record. Nothing runs yet. */
public final class Creation {
  private static final Logger log = LoggerFactory.getLogger(Creation.class);

  private final Runtime runtime;
  private final ContainerRecords records;
  private final ContainerEvents events;
  private final Clock clock;
  private final boolean layered;
  private final Names names = new Names();

  Creation(
      Runtime runtime,
      ContainerRecords records,
      ContainerEvents events,
      Clock clock,
      boolean layered) {
    this.runtime = runtime;
    this.records = records;
    this.events = events;
    this.clock = clock;
    this.layered = layered;
  }

  /**
   * Makes one.
   *
   * @param name as wanted, if a name is
   * @param body the API's document
   */
  public DockerContainer create(Optional<String> name, String platform, JsonNode body)
      throws EngineException, IOException {
    String wanted = name.isPresent() ? Names.check(name.get()) : names.madeUp(records::isTaken);
    if (body.path("Image").asText("").isEmpty()) {
      throw EngineException.badRequest("config cannot be empty in order to create a container");
    }
    OptionCheck.platform(platform);
    ImageFacts image = ImageFacts.read(runtime, body.path("Image").asText());
    ObjectNode config = ContainerConfigs.merge(body, image.config());
    ObjectNode host =
        body.path("HostConfig").isObject()
            ? ((ObjectNode) body.path("HostConfig")).deepCopy()
            : Json.object();
    OptionCheck.all(config, host);
    String id = names.id();
    if (config.path("Hostname").asText().isEmpty()) {
      config.put("Hostname", id.substring(0, 12));
    }
    DockerContainer container = DockerContainer.create(id, wanted, clock.instant(), config, host);
    container.setImageId(image.id());
    container.setNetworks(networks(config, host, body.path("NetworkingConfig")));
    List<Mounts.Wish> mounts = Mounts.of(config, host);
    records.add(container);
    List<String> made = new ArrayList<>();
    try {
      if (layered) {
        runtime
            .layers()
            .create(CreateLayerRequest.newBuilder().setKey(id).setImage(image.id()).build());
      }
      container.setMounts(mounts(container, mounts, made));
      records.write(container);
    } catch (EngineException | IOException | RuntimeException e) {
      undo(container, made);
      throw e;
    }
    events.tell(container, "create");
    return container;
  }

  private ObjectNode networks(JsonNode config, JsonNode host, JsonNode wanted)
      throws EngineException {
    ObjectNode networks = Json.object();
    NetworkMode mode = NetworkMode.of(config, host);
    if (mode.isShared()) {
      records.get(mode.other());
      if (!host.path("PortBindings").isEmpty()) {
        throw EngineException.badRequest(
            "conflicting options: port publishing and the container type network mode");
      }
      return networks;
    }
    if (!mode.isNetwork()) {
      networks.set(mode.name(), Json.object());
      return networks;
    }
    JsonNode endpoints = wanted.path("EndpointsConfig");
    JsonNode first =
        endpoints.has(mode.name()) ? endpoints.path(mode.name()) : endpoints.path("default");
    add(networks, mode.name(), first);
    for (Map.Entry<String, JsonNode> endpoint : endpoints.properties()) {
      if (!networks.has(endpoint.getKey()) && !endpoint.getKey().equals("default")) {
        add(networks, endpoint.getKey(), endpoint.getValue());
      }
    }
    return networks;
  }

  /** Whether there is such a network is looked at by the start: it may come to be until then. */
  static void add(ObjectNode networks, String name, JsonNode settings) throws EngineException {
    ObjectNode own = networks.putObject(name);
    own.set(
        "IPAMConfig", settings.path("IPAMConfig").isObject() ? settings.path("IPAMConfig") : null);
    own.put("WantedMac", settings.path("MacAddress").asText(""));
    own.set("Aliases", Json.texts(Json.listOf(settings.path("Aliases"))));
    if (!settings.path("Links").isEmpty()) {
      throw EngineException.badRequest(
          "gantry does not support --link: use a network of your own, names are found there");
    }
  }

  private ArrayNode mounts(
      DockerContainer container, List<Mounts.Wish> wishes, List<String> madeVolumes)
      throws EngineException, IOException {
    ArrayNode mounts = Json.array();
    for (Mounts.Wish wish : wishes) {
      mounts.add(mount(container, wish, madeVolumes));
    }
    for (String from : Json.listOf(container.hostConfig().path("VolumesFrom"))) {
      String[] parts = from.split(":", 2);
      boolean readonly = parts.length > 1 && parts[1].equals("ro");
      for (JsonNode mount : records.get(parts[0]).mounts()) {
        ObjectNode copy = ((ObjectNode) mount).deepCopy();
        copy.remove("Anonymous");
        if (readonly) {
          copy.put("RW", false);
        }
        if (!mount.path("Type").asText().equals("tmpfs")) {
          mounts.add(copy);
        }
      }
    }
    return mounts;
  }

  private ObjectNode mount(DockerContainer container, Mounts.Wish wish, List<String> madeVolumes)
      throws EngineException, IOException {
    ObjectNode mount =
        Json.object()
            .put("Type", wish.type())
            .put("Source", wish.source())
            .put("Destination", wish.target())
            .put("Mode", wish.relabel() ? "z" : "")
            .put("RW", !wish.readonly())
            .put(
                "Propagation",
                wish.type().equals("bind") && wish.propagation().isEmpty()
                    ? "rprivate"
                    : wish.propagation());
    switch (wish.type()) {
      case "bind" -> {
        Path source = Path.of(wish.source());
        if (!Files.exists(source)) {
          if (!wish.makeSource()) {
            throw EngineException.badRequest(
                "invalid mount config for type \"bind\": bind source path does not exist: "
                    + source);
          }
          Files.createDirectories(source);
        }
        mount.put("HostPath", wish.source());
      }
      case "volume" -> volume(container, wish, mount, madeVolumes);
      case "tmpfs" -> mount.put("Options", wish.tmpfsOptions());
      default -> mount.put("Subpath", wish.subpath());
    }
    return mount;
  }

  private void volume(
      DockerContainer container, Mounts.Wish wish, ObjectNode mount, List<String> madeVolumes)
      throws EngineException {
    boolean anonymous = wish.source().isEmpty();
    String name = anonymous ? names.id() : wish.source();
    Volume volume =
        runtime
            .volumes()
            .create(
                CreateVolumeRequest.newBuilder()
                    .setName(name)
                    .putAllLabels(
                        anonymous
                            ? Map.of("com.docker.volume.anonymous", "")
                            : Json.mapOf(wish.volume().path("Labels")))
                    .putAllOptions(Json.mapOf(wish.volume().path("Options")))
                    .build());
    if (anonymous) {
      madeVolumes.add(name);
    }
    if (wish.copy() && layered && wish.subpath().isEmpty()) {
      runtime
          .volumes()
          .populate(
              PopulateVolumeRequest.newBuilder()
                  .setName(name)
                  .setLayerKey(container.id())
                  .setPath(wish.target())
                  .build());
    }
    Path path = Path.of(volume.getMountpoint());
    if (!wish.subpath().isEmpty()) {
      Path below = path.resolve(wish.subpath()).normalize();
      if (!below.startsWith(path) || !Files.isDirectory(below)) {
        throw EngineException.badRequest(
            "invalid volume subpath: \"" + wish.subpath() + "\" is no directory of the volume");
      }
      path = below;
    }
    mount
        .put("Name", name)
        .put("Source", volume.getMountpoint())
        .put("HostPath", path.toString())
        .put("Driver", "local");
    if (anonymous) {
      mount.put("Anonymous", true);
    }
  }

  private void undo(DockerContainer container, List<String> madeVolumes) {
    try {
      for (String volume : madeVolumes) {
        runtime.volumes().remove(RemoveVolumeRequest.newBuilder().setName(volume).build());
      }
      if (layered) {
        runtime.layers().remove(RemoveLayerRequest.newBuilder().setKey(container.id()).build());
      }
      records.remove(container);
    } catch (IOException | StatusRuntimeException e) {
      log.atWarn()
          .addKeyValue("container", container.id())
          .addKeyValue("error", e)
          .log("a half-made container could not be taken back");
    }
  }
}
