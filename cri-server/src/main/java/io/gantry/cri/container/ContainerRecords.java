package io.gantry.cri.container;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.cri.container.ContainerRecord.ImageInUse;
import io.gantry.cri.protojson.ProtoJson;
import io.gantry.cri.state.RecordFormat;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.LinuxContainerResources;
import io.gantry.proto.cri.v1.LinuxContainerUser;
import io.gantry.proto.cri.v1.Signal;
import java.io.IOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;

/** A container's record on disk. */
final class ContainerRecords implements RecordFormat<ContainerRecord> {
  private static final String MAKING = "making";
  private static final String CREATED = "created";
  private static final String RUNNING = "running";
  private static final String EXITED = "exited";
  private static final String UNKNOWN = "unknown";

  @Override
  public String kind() {
    return "container";
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  public JsonNode write(ContainerRecord container) throws IOException {
    ObjectNode record = JsonNodeFactory.instance.objectNode();
    record.put("id", container.id());
    record.put("podId", container.podId());
    record.put("runtimeHandler", container.runtimeHandler());
    record.put("createdAt", container.createdAt().toString());
    writeState(record.putObject("state"), container.state());
    record
        .putObject("image")
        .put("id", container.image().id())
        .put("name", container.image().name())
        .put("reference", container.image().reference());
    record.put("stopSignal", container.stopSignal().name());
    container.logPath().ifPresent(path -> record.put("logPath", path.toString()));
    container.shimAddress().ifPresent(address -> record.put("shimAddress", address));
    record.set("user", ProtoJson.print(container.user()));
    record.set("resources", ProtoJson.print(container.resources()));
    record.set("config", ProtoJson.print(container.config()));
    return record;
  }

  private static void writeState(ObjectNode json, State state) {
    if (state instanceof State.Making) {
      json.put("is", MAKING);
    } else if (state instanceof State.Created) {
      json.put("is", CREATED);
    } else if (state instanceof State.Running running) {
      json.put("is", RUNNING)
          .put("pid", running.pid())
          .put("startedAt", running.startedAt().toString());
    } else if (state instanceof State.Exited exited) {
      json.put("is", EXITED)
          .put("finishedAt", exited.finishedAt().toString())
          .put("exitCode", exited.exitCode())
          .put("reason", exited.reason().word())
          .put("message", exited.message());
      exited.startedAt().ifPresent(at -> json.put("startedAt", at.toString()));
    } else if (state instanceof State.Unknown unknown) {
      json.put("is", UNKNOWN).put("why", unknown.why());
    }
  }

  @Override
  public ContainerRecord read(JsonNode record, int version) throws IOException {
    JsonNode image = record.path("image");
    try {
      return new ContainerRecord(
          text(record, "id"),
          text(record, "podId"),
          record.path("runtimeHandler").asText(""),
          ProtoJson.parse(record.path("config"), ContainerConfig.getDefaultInstance()),
          new ImageInUse(text(image, "id"), text(image, "name"), text(image, "reference")),
          ProtoJson.parse(record.path("user"), LinuxContainerUser.getDefaultInstance()),
          Signal.valueOf(text(record, "stopSignal")),
          optional(record, "logPath").map(Path::of),
          ProtoJson.parse(record.path("resources"), LinuxContainerResources.getDefaultInstance()),
          Instant.parse(text(record, "createdAt")),
          optional(record, "shimAddress"),
          readState(record.path("state")));
    } catch (DateTimeException | IllegalArgumentException e) {
      throw new IOException("a field has no valid value: " + e.getMessage(), e);
    }
  }

  private static State readState(JsonNode json) throws IOException {
    String is = text(json, "is");
    return switch (is) {
      case MAKING -> new State.Making();
      case CREATED -> new State.Created();
      case RUNNING ->
          new State.Running(json.path("pid").asInt(), Instant.parse(text(json, "startedAt")));
      case EXITED ->
          new State.Exited(
              optional(json, "startedAt").map(Instant::parse),
              Instant.parse(text(json, "finishedAt")),
              json.path("exitCode").asInt(),
              ExitReason.ofWord(text(json, "reason")),
              text(json, "message"));
      case UNKNOWN -> new State.Unknown(text(json, "why"));
      default -> throw new IOException("unknown state " + is);
    };
  }

  private static Optional<String> optional(JsonNode json, String field) {
    return Optional.ofNullable(json.get(field)).map(JsonNode::asText);
  }

  private static String text(JsonNode json, String field) throws IOException {
    JsonNode value = json.get(field);
    if (value == null || !value.isTextual()) {
      throw new IOException(field + " is missing");
    }
    return value.textValue();
  }
}
