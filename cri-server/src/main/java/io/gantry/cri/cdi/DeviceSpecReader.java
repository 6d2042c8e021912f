package io.gantry.cri.cdi;

import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/** Reads CDI specifications, in JSON or YAML by the end of their names. */
final class DeviceSpecReader {
  /** Vendors generate them; the longest known are some hundred kilobytes. */
  private static final long LIMIT_BYTES = 16 << 20;

  /** Newer ones may mean something else by what looks the same (CDI specification, "Version"). */
  private static final Set<String> VERSIONS =
      Set.of("0.3.0", "0.4.0", "0.5.0", "0.6.0", "0.7.0", "0.8.0", "1.0.0", "1.1.0");

  private static final Set<String> HOOKS =
      Set.of(
          "prestart",
          "createRuntime",
          "createContainer",
          "startContainer",
          "poststart",
          "poststop");

  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
  private static final ObjectMapper YAML =
      new ObjectMapper(
          YAMLFactory.builder()
              .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(50).build())
              .build());

  private DeviceSpecReader() {}

  /**
   * @throws IOException saying what is wrong with it
   */
  static DeviceSpec read(Path file) throws IOException {
    if (Files.size(file) > LIMIT_BYTES) {
      throw new IOException("larger than " + LIMIT_BYTES + " bytes");
    }
    byte[] bytes = Files.readAllBytes(file);
    JsonNode root = (file.toString().endsWith(".json") ? JSON : YAML).readTree(bytes);
    if (root == null || !root.isObject()) {
      throw new IOException("not an object");
    }
    String version = text(root, "cdiVersion", "");
    if (!VERSIONS.contains(version.startsWith("v") ? version.substring(1) : version)) {
      throw new IOException("cdiVersion \"" + version + "\" is not known");
    }
    String kind = text(root, "kind", "");
    if (!DeviceName.isKind(kind)) {
      throw new IOException("kind \"" + kind + "\" is not vendor/class");
    }
    Map<String, Edits> devices = new LinkedHashMap<>();
    for (JsonNode device : list(root, "devices")) {
      String name = text(device, "name", "");
      if (!DeviceName.isDevice(name)) {
        throw new IOException("device name \"" + name + "\" is not valid");
      }
      String source = kind + "=" + name + " (" + file + ")";
      if (devices.put(name, edits(source, device.path("containerEdits"))) != null) {
        throw new IOException("device " + name + " is there twice");
      }
    }
    if (devices.isEmpty()) {
      throw new IOException("there are no devices in it");
    }
    Edits common = edits(kind + " (" + file + ")", root.path("containerEdits"));
    return new DeviceSpec(file, kind, common, devices);
  }

  private static Edits edits(String source, JsonNode json) throws IOException {
    List<String> refused = new ArrayList<>();
    for (Iterator<String> names = json.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      boolean known =
          Set.of("env", "deviceNodes", "mounts", "hooks", "additionalGids").contains(name);
      if (!known && !json.get(name).isNull() && !json.get(name).isEmpty()) {
        refused.add(name);
      }
    }
    List<Edits.Node> nodes = new ArrayList<>();
    for (JsonNode node : list(json, "deviceNodes")) {
      nodes.add(node(node));
    }
    List<Edits.Bind> mounts = new ArrayList<>();
    for (JsonNode mount : list(json, "mounts")) {
      mounts.add(
          new Edits.Bind(
              path(mount, "hostPath"),
              path(mount, "containerPath"),
              text(mount, "type", ""),
              texts(mount, "options")));
    }
    List<Edits.Hook> hooks = new ArrayList<>();
    for (JsonNode hook : list(json, "hooks")) {
      hooks.add(hook(hook));
    }
    List<Long> gids = new ArrayList<>();
    for (JsonNode gid : list(json, "additionalGids")) {
      gids.add(number(gid, "additionalGids"));
    }
    List<String> env = texts(json, "env");
    for (String variable : env) {
      if (variable.indexOf('=') < 1) {
        throw new IOException("env \"" + variable + "\" is not NAME=VALUE");
      }
    }
    return new Edits(source, env, nodes, mounts, hooks, gids, refused);
  }

  private static Edits.Node node(JsonNode json) throws IOException {
    String path = path(json, "path");
    String type = text(json, "type", "");
    if (!Set.of("", "b", "c", "u", "p").contains(type)) {
      throw new IOException(
          "device node " + path + ": type \"" + type + "\" is none of b, c, u, p");
    }
    String permissions = text(json, "permissions", "");
    if (!permissions.matches("[rwm]*")) {
      throw new IOException(
          "device node " + path + ": permissions \"" + permissions + "\" are not of r, w and m");
    }
    return new Edits.Node(
        path,
        json.hasNonNull("hostPath") ? path(json, "hostPath") : path,
        type.isEmpty() ? Optional.empty() : Optional.of(type.charAt(0)),
        json.hasNonNull("major")
            ? OptionalLong.of(number(json.get("major"), "major"))
            : OptionalLong.empty(),
        json.hasNonNull("minor")
            ? OptionalLong.of(number(json.get("minor"), "minor"))
            : OptionalLong.empty(),
        json.hasNonNull("fileMode")
            ? OptionalInt.of((int) number(json.get("fileMode"), "fileMode") & 07777)
            : OptionalInt.empty(),
        permissions.isEmpty() ? "rwm" : permissions,
        json.hasNonNull("uid") ? number(json.get("uid"), "uid") : 0,
        json.hasNonNull("gid") ? number(json.get("gid"), "gid") : 0);
  }

  private static Edits.Hook hook(JsonNode json) throws IOException {
    String name = text(json, "hookName", "");
    if (!HOOKS.contains(name)) {
      throw new IOException("hookName \"" + name + "\" is not known");
    }
    return new Edits.Hook(
        name,
        path(json, "path"),
        texts(json, "args"),
        texts(json, "env"),
        json.hasNonNull("timeout")
            ? OptionalInt.of((int) number(json.get("timeout"), "timeout"))
            : OptionalInt.empty());
  }

  private static Iterable<JsonNode> list(JsonNode json, String field) throws IOException {
    JsonNode list = json.path(field);
    if (!list.isMissingNode() && !list.isNull() && !list.isArray()) {
      throw new IOException(field + " is not a list");
    }
    return list;
  }

  private static List<String> texts(JsonNode json, String field) throws IOException {
    List<String> texts = new ArrayList<>();
    for (JsonNode entry : list(json, field)) {
      if (!entry.isTextual()) {
        throw new IOException(field + " holds what is no text");
      }
      texts.add(entry.textValue());
    }
    return texts;
  }

  private static String text(JsonNode json, String field, String otherwise) throws IOException {
    JsonNode value = json.path(field);
    if (value.isMissingNode() || value.isNull()) {
      return otherwise;
    }
    if (!value.isTextual()) {
      throw new IOException(field + " is not a text");
    }
    return value.textValue();
  }

  private static String path(JsonNode json, String field) throws IOException {
    String path = text(json, field, "");
    if (!path.startsWith("/")) {
      throw new IOException(field + " \"" + path + "\" is not an absolute path");
    }
    return path;
  }

  private static long number(JsonNode value, String field) throws IOException {
    if (!value.canConvertToLong() || !value.isIntegralNumber() || value.longValue() < 0) {
      throw new IOException(field + " is not a number from 0 on");
    }
    return value.longValue();
  }
}
