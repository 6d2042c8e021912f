package io.gantry.cri.pod;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.cri.protojson.ProtoJson;
import io.gantry.cri.state.RecordFormat;
import io.gantry.proto.cri.v1.PodSandboxConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;

/** A pod's record on disk. Paths are not in it: they follow from the id and the state directory. */
final class PodRecords implements RecordFormat<Pod> {
  private static final String MAKING = "making";
  private static final String READY = "ready";
  private static final String NOT_READY = "not-ready";

  private final Path pods;

  /**
   * @param pods the directory of all pods: STATE/pods
   */
  PodRecords(Path pods) {
    this.pods = pods;
  }

  @Override
  public String kind() {
    return "pod";
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  public JsonNode write(Pod pod) throws IOException {
    ObjectNode record = JsonNodeFactory.instance.objectNode();
    record.put("id", pod.id());
    record.put("createdAt", pod.createdAt().toString());
    if (pod.state() instanceof PodState.NotReady notReady) {
      record.put("state", NOT_READY).put("why", notReady.why());
    } else {
      record.put("state", pod.isReady() ? READY : MAKING);
    }
    record.put("runtimeHandler", pod.runtimeHandler());
    record.put("hostname", pod.hostname());
    record.put("cgroupParent", pod.cgroupParent());
    pod.ips().forEach(record.putArray("ips")::add);
    record.set("config", ProtoJson.print(pod.config()));
    return record;
  }

  @Override
  public Pod read(JsonNode record, int version) throws IOException {
    String id = text(record, "id");
    var config = ProtoJson.parse(record.path("config"), PodSandboxConfig.getDefaultInstance());
    List<String> ips = new ArrayList<>();
    record.path("ips").forEach(ip -> ips.add(ip.asText()));
    try {
      return new Pod(
          id,
          config,
          text(record, "runtimeHandler"),
          Instant.parse(text(record, "createdAt")),
          state(record),
          ips,
          text(record, "hostname"),
          text(record, "cgroupParent"),
          PodPaths.of(pods, id, config));
    } catch (DateTimeParseException e) {
      throw new IOException("createdAt is no time", e);
    }
  }

  private static PodState state(JsonNode record) throws IOException {
    String state = text(record, "state");
    return switch (state) {
      case MAKING -> new PodState.Making();
      case READY -> new PodState.Ready();
      case NOT_READY -> new PodState.NotReady(text(record, "why"));
      default -> throw new IOException("unknown state " + state);
    };
  }

  private static String text(JsonNode record, String field) throws IOException {
    JsonNode value = record.get(field);
    if (value == null || !value.isTextual()) {
      throw new IOException(field + " is missing");
    }
    return value.textValue();
  }
}
