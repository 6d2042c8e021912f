package io.gantry.cri.events;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.cri.protojson.ProtoJson;
import io.gantry.proto.cri.v1.ContainerEventResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * One file of the journal: a line of JSON that says how far everything had come before, then one
 * line for each event. A line that was not written in full ends the file for its readers.
 */
final class Segment {
  static final String SUFFIX = ".jsonl";
  private static final String KIND = "events";
  private static final int VERSION = 1;
  private static final ObjectMapper JSON = new ObjectMapper();

  private Segment() {}

  /** Names sort as their numbers do. */
  static String name(long first) {
    return "%019d%s".formatted(first, SUFFIX);
  }

  /** Takes each event of a file. */
  @FunctionalInterface
  interface Reader {
    /**
     * @return false to read no further
     */
    boolean take(Event event) throws IOException, InterruptedException;
  }

  static String header(Stages before) {
    ObjectNode json = JSON.createObjectNode();
    json.put("kind", KIND).put("version", VERSION).set("stages", before.toJson());
    return json + "\n";
  }

  static String line(Event event) {
    ObjectNode json = JSON.createObjectNode();
    json.put("number", event.number()).set("event", ProtoJson.print(event.message()));
    return json + "\n";
  }

  /**
   * Reads a file's events to its end, or to where it is torn.
   *
   * @throws IOException if it is no segment, or one of a later version
   */
  static void read(Path file, Reader reader) throws IOException, InterruptedException {
    try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      header(file, lines);
      JsonNode line = parse(lines.readLine());
      while (line != null && reader.take(event(line))) {
        line = parse(lines.readLine());
      }
    }
  }

  /**
   * How far everything had come by a file's last event.
   *
   * @param last its number; 0 if the file has none
   */
  record Summary(Stages stages, long last) {}

  static Summary summary(Path file) throws IOException {
    try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      Stages stages = Stages.ofJson(header(file, lines).path("stages"));
      long last = 0;
      JsonNode line = parse(lines.readLine());
      while (line != null) {
        Event event = event(line);
        stages.add(event.message());
        last = event.number();
        line = parse(lines.readLine());
      }
      return new Summary(stages, last);
    }
  }

  private static JsonNode header(Path file, BufferedReader lines) throws IOException {
    JsonNode header = parse(lines.readLine());
    if (header == null
        || !header.path("kind").asText().equals(KIND)
        || header.path("version").asInt() != VERSION) {
      throw new IOException(file + " is no file of events that this gantryd reads");
    }
    return header;
  }

  private static JsonNode parse(String line) throws IOException {
    try {
      JsonNode json = line == null ? null : JSON.readTree(line);
      return json == null || !json.isObject() ? null : json;
    } catch (JsonProcessingException torn) {
      return null;
    }
  }

  private static Event event(JsonNode line) throws IOException {
    return new Event(
        line.path("number").asLong(),
        ProtoJson.parse(line.path("event"), ContainerEventResponse.getDefaultInstance()));
  }
}
