package io.gantry.docker.engine.container;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Json;
import io.gantry.docker.engine.options.ContainerConfigs;
import io.gantry.docker.engine.record.ContainerRecords;
import io.gantry.docker.engine.record.DockerContainer;
import io.gantry.docker.engine.record.Health;
import io.gantry.docker.engine.record.Status;
import io.gantry.docker.engine.runtime.Runtime;
import io.gantry.proto.cri.v1.ContainerStatusRequest;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Containers as the API's documents show them. */
final class Views {
  private final Runtime runtime;
  private final ContainerRecords records;
  private final Clock clock;

  Views(Runtime runtime, ContainerRecords records, Clock clock) {
    this.runtime = runtime;
    this.records = records;
    this.clock = clock;
  }

  /** ContainerInspectResponse. */
  ObjectNode inspect(DockerContainer container, List<String> execIds) {
    ObjectNode config = container.config();
    ObjectNode host = container.hostConfig();
    List<String> arguments = ContainerConfigs.arguments(config);
    Path directory = records.directory(container);
    OwnFiles files = new OwnFiles(directory);
    ObjectNode view = Json.object();
    view.put("Id", container.id())
        .put("Created", container.created().toString())
        .put("Path", arguments.get(0))
        .set("Args", Json.texts(arguments.subList(1, arguments.size())));
    view.set("State", state(container));
    view.put("Image", container.imageId())
        .put("ResolvConfPath", files.resolver().toString())
        .put("HostnamePath", files.hostname().toString())
        .put("HostsPath", files.hosts().toString())
        .put("LogPath", records.logFile(container).toString())
        .put("Name", "/" + container.name())
        .put("RestartCount", container.restartCount())
        .put("Driver", "overlay2")
        .put("Platform", "linux")
        .put("MountLabel", "")
        .put("ProcessLabel", "")
        .put("AppArmorProfile", "");
    if (execIds.isEmpty()) {
      view.putNull("ExecIDs");
    } else {
      view.set("ExecIDs", Json.texts(execIds));
    }
    view.set("HostConfig", hostConfig(host));
    view.putObject("GraphDriver").put("Name", "overlay2").putNull("Data");
    view.set("Mounts", mounts(container));
    view.set("Config", config);
    view.set("NetworkSettings", networks(container));
    return view;
  }

  private static ObjectNode hostConfig(ObjectNode host) {
    ObjectNode view = host.deepCopy();
    if (view.path("NetworkMode").asText("").isEmpty()
        || view.path("NetworkMode").asText().equals("default")) {
      view.put("NetworkMode", "bridge");
    }
    ObjectNode log = view.withObjectProperty("LogConfig");
    if (log.path("Type").asText("").isEmpty()) {
      log.put("Type", "json-file");
    }
    ObjectNode restart = view.withObjectProperty("RestartPolicy");
    if (restart.path("Name").asText("").isEmpty()) {
      restart.put("Name", "no");
    }
    if (!view.path("ShmSize").isNumber() || view.path("ShmSize").asLong() == 0) {
      view.put("ShmSize", 64L << 20);
    }
    return view;
  }

  private ObjectNode state(DockerContainer container) {
    Status status = container.status();
    ObjectNode state =
        Json.object()
            .put("Status", status.toString())
            .put("Running", status.isRunning() || status == Status.RESTARTING)
            .put("Paused", status == Status.PAUSED)
            .put("Restarting", status == Status.RESTARTING)
            .put("OOMKilled", container.isOomKilled())
            .put("Dead", status == Status.DEAD)
            .put("Pid", status.isRunning() ? pid(container) : 0)
            .put("ExitCode", container.exitCode())
            .put("Error", container.error())
            .put("StartedAt", container.startedAt())
            .put("FinishedAt", container.finishedAt());
    if (!container.health().status().equals("none")) {
      state.set("Health", health(container.health()));
    }
    return state;
  }

  private static ObjectNode health(Health health) {
    ObjectNode view =
        Json.object().put("Status", health.status()).put("FailingStreak", health.failingStreak());
    ArrayNode checks = view.putArray("Log");
    for (Health.Check check : health.log()) {
      checks
          .addObject()
          .put("Start", check.start().toString())
          .put("End", check.end().toString())
          .put("ExitCode", check.exitCode())
          .put("Output", check.output());
    }
    return view;
  }

  /** The runtime tells it to who asks for more words. */
  private int pid(DockerContainer container) {
    try {
      String info =
          runtime
              .pods()
              .containerStatus(
                  ContainerStatusRequest.newBuilder()
                      .setContainerId(container.runtimeId())
                      .setVerbose(true)
                      .build())
              .getInfoOrDefault("info", "{}");
      return Json.parse(info, "container status").path("pid").asInt();
    } catch (StatusRuntimeException | EngineException e) {
      return 0; // It has ended meanwhile.
    }
  }

  private static ArrayNode mounts(DockerContainer container) {
    ArrayNode all = container.mounts();
    for (JsonNode mount : all) {
      ((ObjectNode) mount).remove(List.of("HostPath", "Anonymous", "Options", "Subpath"));
    }
    return all;
  }

  private static ObjectNode networks(DockerContainer container) {
    ObjectNode settings = Json.object();
    settings
        .put("SandboxID", container.podId())
        .put("SandboxKey", "")
        .set("Ports", container.ports());
    ObjectNode networks = container.networks();
    networks.properties().forEach(network -> ((ObjectNode) network.getValue()).remove("WantedMac"));
    settings.set("Networks", networks);
    JsonNode bridge = networks.path("bridge");
    settings
        .put("IPAddress", bridge.path("IPAddress").asText(""))
        .put("IPPrefixLen", bridge.path("IPPrefixLen").asInt())
        .put("Gateway", bridge.path("Gateway").asText(""))
        .put("MacAddress", bridge.path("MacAddress").asText(""))
        .put("EndpointID", bridge.path("EndpointID").asText(""));
    return settings;
  }

  /** ContainerSummary. */
  ObjectNode summary(DockerContainer container) {
    ObjectNode config = container.config();
    ObjectNode view = Json.object();
    view.put("Id", container.id());
    view.putArray("Names").add("/" + container.name());
    view.put("Image", container.image())
        .put("ImageID", container.imageId())
        .put("Command", String.join(" ", ContainerConfigs.arguments(config)))
        .put("Created", container.created().getEpochSecond());
    view.set("Ports", ports(container, config));
    view.set("Labels", config.path("Labels"));
    view.put("State", container.status().toString()).put("Status", words(container));
    view.putObject("HostConfig")
        .put("NetworkMode", NetworkMode.of(config, container.hostConfig()).name());
    view.putObject("NetworkSettings").set("Networks", container.networks());
    view.set("Mounts", mounts(container));
    if (!container.health().status().equals("none")) {
      view.putObject("Health")
          .put("Status", container.health().status())
          .put("FailingStreak", container.health().failingStreak());
    }
    return view;
  }

  private static ArrayNode ports(DockerContainer container, JsonNode config) {
    ArrayNode ports = Json.array();
    ObjectNode published = container.ports();
    for (Map.Entry<String, JsonNode> port : published.properties()) {
      for (JsonNode binding : port.getValue()) {
        addPort(ports, port.getKey())
            .put("IP", binding.path("HostIp").asText())
            .put("PublicPort", binding.path("HostPort").asInt());
      }
    }
    if (container.status().isRunning()) {
      config
          .path("ExposedPorts")
          .fieldNames()
          .forEachRemaining(
              port -> {
                if (!published.has(port)) {
                  addPort(ports, port);
                }
              });
    }
    return ports;
  }

  private static ObjectNode addPort(ArrayNode ports, String key) {
    String[] parts = key.split("/", 2);
    return ports
        .addObject()
        .put("PrivatePort", Integer.parseInt(parts[0].split("-", 2)[0]))
        .put("Type", parts.length > 1 ? parts[1] : "tcp");
  }

  /** As `docker ps` shows it. */
  String words(DockerContainer container) {
    return switch (container.status()) {
      case CREATED -> "Created";
      case RUNNING -> "Up " + since(container.startedAt()) + healthWords(container);
      case PAUSED -> "Up " + since(container.startedAt()) + " (Paused)";
      case RESTARTING ->
          "Restarting (%d) %s ago".formatted(container.exitCode(), since(container.finishedAt()));
      case REMOVING -> "Removal In Progress";
      case EXITED ->
          "Exited (%d) %s ago".formatted(container.exitCode(), since(container.finishedAt()));
      case DEAD -> "Dead";
    };
  }

  private static String healthWords(DockerContainer container) {
    return switch (container.health().status()) {
      case "none" -> "";
      case "starting" -> " (health: starting)";
      default -> " (" + container.health().status() + ")";
    };
  }

  private String since(String time) {
    return HumanDuration.of(Duration.between(Instant.parse(time), clock.instant()));
  }
}
