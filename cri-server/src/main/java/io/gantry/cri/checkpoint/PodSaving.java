package io.gantry.cri.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.cri.state.RecordFormat;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The intent to save a pod: these containers may be frozen, and something may be in this directory.
 */
record PodSaving(String podId, List<String> containerIds, Path output) {
  PodSaving {
    containerIds = List.copyOf(containerIds);
  }

  /** As it is on disk. */
  static final class Format implements RecordFormat<PodSaving> {
    @Override
    public String kind() {
      return "pod-checkpoint";
    }

    @Override
    public int version() {
      return 1;
    }

    @Override
    public JsonNode write(PodSaving saving) {
      ObjectNode record = JsonNodeFactory.instance.objectNode();
      record.put("podId", saving.podId());
      saving.containerIds().forEach(record.putArray("containerIds")::add);
      record.put("output", saving.output().toString());
      return record;
    }

    @Override
    public PodSaving read(JsonNode record, int version) throws IOException {
      List<String> ids = new ArrayList<>();
      record.path("containerIds").forEach(id -> ids.add(id.asText()));
      try {
        Path output = Path.of(record.path("output").asText());
        if (!output.isAbsolute()) {
          throw new IOException("output is no absolute path");
        }
        return new PodSaving(record.path("podId").asText(), ids, output);
      } catch (InvalidPathException e) {
        throw new IOException("output is no path", e);
      }
    }
  }
}
