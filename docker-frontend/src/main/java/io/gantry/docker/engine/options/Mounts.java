package io.gantry.docker.engine.options;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** What is mounted into a container: -v, --mount, --tmpfs, and the volumes of its image. */
public final class Mounts {
  private static final Set<String> PROPAGATIONS =
      Set.of("private", "rprivate", "shared", "rshared", "slave", "rslave");
  private static final Pattern VOLUME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]*");

  private Mounts() {}

  /**
   * One mount.
   *
   * @param type bind, volume, tmpfs or image
   * @param source a path of the host, a volume's name, an image; "" for an anonymous volume
   * @param propagation "" for the usual one
   * @param makeSource whether a missing source of a bind is made, as -v does
   * @param copy whether an empty volume gets what the image has there
   * @param volume labels, options and the like of a volume
   * @param tmpfsOptions as mount(8) has them
   */
  public record Wish(
      String type,
      String source,
      String target,
      boolean readonly,
      String propagation,
      boolean relabel,
      boolean makeSource,
      boolean copy,
      String subpath,
      ObjectNode volume,
      String tmpfsOptions) {}

  /**
   * All mounts of a container, by where they are.
   *
   * @throws EngineException if one makes no sense, or two are at one place
   */
  public static List<Wish> of(JsonNode config, JsonNode host) throws EngineException {
    Map<String, Wish> byTarget = new LinkedHashMap<>();
    for (String bind : Json.listOf(host.path("Binds"))) {
      add(byTarget, bind(bind));
    }
    for (JsonNode mount : host.path("Mounts")) {
      add(byTarget, mount(mount));
    }
    for (Map.Entry<String, JsonNode> tmpfs : host.path("Tmpfs").properties()) {
      String target = target(tmpfs.getKey(), tmpfs.getKey());
      add(
          byTarget,
          new Wish(
              "tmpfs",
              "",
              target,
              false,
              "",
              false,
              false,
              false,
              "",
              Json.object(),
              tmpfs.getValue().asText("")));
    }
    for (Map.Entry<String, JsonNode> volume : config.path("Volumes").properties()) {
      String target = target(volume.getKey(), volume.getKey());
      byTarget.putIfAbsent(
          target,
          new Wish("volume", "", target, false, "", false, false, true, "", Json.object(), ""));
    }
    return List.copyOf(byTarget.values());
  }

  private static void add(Map<String, Wish> byTarget, Wish wish) throws EngineException {
    if (byTarget.putIfAbsent(wish.target(), wish) != null) {
      throw EngineException.badRequest("Duplicate mount point: " + wish.target());
    }
  }

  private static Wish bind(String text) throws EngineException {
    String[] parts = text.split(":", -1);
    if (parts.length > 3 || parts.length < 1 || parts[0].isEmpty()) {
      throw EngineException.badRequest("invalid volume specification: '" + text + "'");
    }
    if (parts.length == 1) {
      String target = target(parts[0], text);
      return new Wish("volume", "", target, false, "", false, false, true, "", Json.object(), "");
    }
    String source = parts[0];
    String target = target(parts[1], text);
    boolean readonly = false;
    boolean relabel = false;
    boolean copy = true;
    String propagation = "";
    for (String mode : parts.length < 3 ? List.<String>of() : List.of(parts[2].split(","))) {
      switch (mode) {
        case "ro" -> readonly = true;
        case "rw", "" -> readonly = false;
        case "z", "Z" -> relabel = true;
        case "nocopy" -> copy = false;
        case "copy", "cached", "delegated", "consistent" -> {}
        default -> {
          if (!PROPAGATIONS.contains(mode)) {
            throw EngineException.badRequest(
                "invalid mode: " + parts[2] + " in volume specification '" + text + "'");
          }
          propagation = mode;
        }
      }
    }
    boolean isPath = source.startsWith("/");
    if (!isPath && !VOLUME.matcher(source).matches()) {
      throw EngineException.badRequest(
          "invalid volume specification: '%s': \"%s\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path"
              .formatted(text, source));
    }
    return new Wish(
        isPath ? "bind" : "volume",
        source,
        target,
        readonly,
        propagation,
        relabel,
        isPath,
        copy,
        "",
        Json.object(),
        "");
  }

  private static Wish mount(JsonNode mount) throws EngineException {
    String type = mount.path("Type").asText("");
    String source = mount.path("Source").asText("");
    String target = target(mount.path("Target").asText(""), "mount");
    boolean readonly = mount.path("ReadOnly").asBoolean();
    switch (type) {
      case "bind" -> {
        if (!source.startsWith("/")) {
          throw EngineException.badRequest(
              "invalid mount config for type \"bind\": invalid mount path: '"
                  + source
                  + "' mount path must be absolute");
        }
        JsonNode options = mount.path("BindOptions");
        if (options.path("NonRecursive").asBoolean()
            || options.path("ReadOnlyForceRecursive").asBoolean()) {
          throw EngineException.badRequest(
              "gantry does not support bind-recursive in --mount type=bind");
        }
        String propagation = options.path("Propagation").asText("");
        if (!propagation.isEmpty() && !PROPAGATIONS.contains(propagation)) {
          throw EngineException.badRequest(
              "invalid mount config for type \"bind\": invalid propagation \""
                  + propagation
                  + "\"");
        }
        return new Wish(
            "bind",
            source,
            target,
            readonly,
            propagation,
            false,
            options.path("CreateMountpoint").asBoolean(),
            false,
            "",
            Json.object(),
            "");
      }
      case "volume" -> {
        JsonNode options = mount.path("VolumeOptions");
        ObjectNode volume = Json.object();
        String driver = options.path("DriverConfig").path("Name").asText("");
        if (!driver.isEmpty() && !driver.equals("local")) {
          throw EngineException.badRequest("gantry does not support the volume driver " + driver);
        }
        volume.set("Labels", Json.texts(Json.mapOf(options.path("Labels"))));
        volume.set("Options", Json.texts(Json.mapOf(options.path("DriverConfig").path("Options"))));
        if (!source.isEmpty() && !VOLUME.matcher(source).matches()) {
          throw EngineException.badRequest(
              "invalid mount config for type \"volume\": invalid volume name \"" + source + "\"");
        }
        return new Wish(
            "volume",
            source,
            target,
            readonly,
            "",
            false,
            false,
            !options.path("NoCopy").asBoolean(),
            options.path("Subpath").asText(""),
            volume,
            "");
      }
      case "tmpfs" -> {
        return new Wish(
            "tmpfs",
            "",
            target,
            readonly,
            "",
            false,
            false,
            false,
            "",
            Json.object(),
            tmpfsOptions(mount.path("TmpfsOptions"), readonly));
      }
      case "image" -> {
        return new Wish(
            "image",
            source,
            target,
            true,
            "",
            false,
            false,
            false,
            mount.path("ImageOptions").path("Subpath").asText(""),
            Json.object(),
            "");
      }
      default ->
          throw EngineException.badRequest(
              "invalid mount config: mount type \"" + type + "\" is not supported by gantry");
    }
  }

  private static String tmpfsOptions(JsonNode options, boolean readonly) {
    List<String> words = new ArrayList<>();
    if (readonly) {
      words.add("ro");
    }
    if (options.path("SizeBytes").asLong() > 0) {
      words.add("size=" + options.path("SizeBytes").asLong());
    }
    if (options.path("Mode").asInt() > 0) {
      words.add("mode=" + Integer.toOctalString(options.path("Mode").asInt()));
    }
    for (JsonNode option : options.path("Options")) {
      words.add(String.join("=", Json.listOf(option)));
    }
    return String.join(",", words);
  }

  private static String target(String path, String whole) throws EngineException {
    if (!path.startsWith("/")) {
      throw EngineException.badRequest(
          "invalid volume specification: '%s': invalid mount path: '%s' mount path must be absolute"
              .formatted(whole, path));
    }
    String target = Path.of(path).normalize().toString();
    if (target.equals("/")) {
      throw EngineException.badRequest(
          "invalid volume specification: '%s': destination can't be '/'".formatted(whole));
    }
    return target;
  }
}
