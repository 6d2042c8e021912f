package io.gantry.docker.cli.container;

import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.json.JsonObject;
import io.gantry.docker.cli.option.Amounts;
import io.gantry.docker.cli.option.BadUsage;
import io.gantry.docker.cli.settings.Environment;
import java.util.LinkedHashMap;
import java.util.Map;

/** A mount as given by --mount, in the engine's form. */
final class MountFlags {
  private MountFlags() {}

  static Json mount(String given, Environment environment) throws BadUsage {
    String type = "volume";
    JsonObject mount = new JsonObject();
    JsonObject bind = new JsonObject();
    JsonObject volume = new JsonObject();
    JsonObject tmpfs = new JsonObject();
    JsonObject image = new JsonObject();
    Map<String, Json> labels = new LinkedHashMap<>();
    Map<String, Json> options = new LinkedHashMap<>();
    String driver = "";
    String source = "";
    boolean targeted = false;
    for (String word : given.split(",")) {
      int equals = word.indexOf('=');
      String name = equals < 0 ? word : word.substring(0, equals);
      String value = equals < 0 ? "" : word.substring(equals + 1);
      switch (name) {
        case "type" -> type = value;
        case "source", "src" -> source = value;
        case "target", "dst", "destination" -> {
          mount.put("Target", value);
          targeted = true;
        }
        case "readonly", "ro" -> mount.put("ReadOnly", truth(value, given));
        case "consistency" -> mount.put("Consistency", value);
        case "bind-propagation" -> bind.put("Propagation", value);
        case "bind-nonrecursive" -> bind.put("NonRecursive", truth(value, given));
        case "bind-create-src" -> bind.put("CreateMountpoint", truth(value, given));
        case "bind-recursive" -> recursive(bind, value, given);
        case "volume-nocopy" -> volume.put("NoCopy", truth(value, given));
        case "volume-subpath" -> volume.put("Subpath", value);
        case "volume-label" -> put(labels, value);
        case "volume-driver" -> driver = value;
        case "volume-opt" -> put(options, value);
        case "image-subpath" -> image.put("Subpath", value);
        case "tmpfs-size" ->
            tmpfs.put(
                "SizeBytes",
                Amounts.bytes(value).orElseThrow(() -> bad(given, "tmpfs-size is no size")));
        case "tmpfs-mode" -> tmpfs.put("Mode", mode(value, given));
        default -> throw bad(given, "unknown option '" + name + "'");
      }
    }
    if (!targeted) {
      throw bad(given, "target is required");
    }
    if (type.equals("bind") && source.startsWith(".")) {
      source = environment.file(source).normalize().toString();
    }
    if (!source.isEmpty()) {
      mount.put("Source", source);
    }
    mount.put("Type", type);
    if (!labels.isEmpty()) {
      volume.put("Labels", Json.object(labels));
    }
    if (!driver.isEmpty() || !options.isEmpty()) {
      volume.put(
          "DriverConfig",
          new JsonObject().put("Name", driver).put("Options", Json.object(options)).build());
    }
    putUnlessEmpty(mount, "BindOptions", bind);
    putUnlessEmpty(mount, "VolumeOptions", volume);
    putUnlessEmpty(mount, "TmpfsOptions", tmpfs);
    putUnlessEmpty(mount, "ImageOptions", image);
    return mount.build();
  }

  private static void putUnlessEmpty(JsonObject mount, String name, JsonObject options) {
    if (!options.isEmpty()) {
      mount.put(name, options.build());
    }
  }

  private static void put(Map<String, Json> map, String pair) {
    int equals = pair.indexOf('=');
    map.put(
        equals < 0 ? pair : pair.substring(0, equals),
        Json.of(equals < 0 ? "" : pair.substring(equals + 1)));
  }

  private static void recursive(JsonObject bind, String value, String given) throws BadUsage {
    switch (value) {
      case "enabled" -> {}
      case "disabled" -> bind.put("NonRecursive", true);
      case "writable" -> bind.put("ReadOnlyNonRecursive", true);
      case "readonly" -> bind.put("ReadOnlyForceRecursive", true);
      default -> throw bad(given, "bind-recursive is enabled, disabled, writable or readonly");
    }
  }

  private static boolean truth(String value, String given) throws BadUsage {
    return switch (value) {
      case "", "true", "1" -> true;
      case "false", "0" -> false;
      default -> throw bad(given, "\"" + value + "\" is neither true nor false");
    };
  }

  private static long mode(String value, String given) throws BadUsage {
    if (!value.matches("[0-7]{1,5}")) {
      throw bad(given, "tmpfs-mode is no octal number");
    }
    return Long.parseLong(value, 8);
  }

  private static BadUsage bad(String given, String why) {
    return BadUsage.flag("invalid argument \"" + given + "\" for \"--mount\" flag: " + why);
  }
}
