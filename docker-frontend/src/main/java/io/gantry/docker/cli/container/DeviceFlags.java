package io.gantry.docker.cli.container;

import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.json.JsonObject;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.BadUsage;
import java.util.ArrayList;
import java.util.List;

/** Devices and resource limits as given, in the engine's form. */
final class DeviceFlags {
  private DeviceFlags() {}

  /** {@code host[:container[:rwm]]}. */
  static Json devices(List<String> given) throws BadUsage {
    List<Json> devices = new ArrayList<>();
    for (String each : given) {
      if (isCdi(each)) {
        continue;
      }
      String[] words = each.split(":");
      String access = "rwm";
      String inside = words[0];
      if (words.length == 3) {
        inside = words[1];
        access = words[2];
      } else if (words.length == 2 && words[1].matches("[rwm]{1,3}")) {
        access = words[1];
      } else if (words.length == 2) {
        inside = words[1];
      }
      if (words.length > 3 || words[0].isEmpty() || !access.matches("[rwm]{1,3}")) {
        throw BadUsage.flag("invalid device specification: " + each);
      }
      devices.add(
          new JsonObject()
              .put("PathOnHost", words[0])
              .put("PathInContainer", inside)
              .put("CgroupPermissions", access)
              .build());
    }
    return Json.array(devices);
  }

  /** Devices by CDI's names, and GPUs. */
  static Json requests(Arguments arguments) throws BadUsage {
    List<Json> requests = new ArrayList<>();
    List<String> names = arguments.values("device").stream().filter(DeviceFlags::isCdi).toList();
    if (!names.isEmpty()) {
      requests.add(new JsonObject().put("Driver", "cdi").put("DeviceIDs", names).build());
    }
    for (String gpus : arguments.values("gpus")) {
      if (!gpus.matches("all|\\d{1,3}")) {
        throw BadUsage.flag(
            "invalid argument \"" + gpus + "\" for \"--gpus\" flag: all or a number");
      }
      requests.add(
          new JsonObject()
              .put("Count", gpus.equals("all") ? -1 : Long.parseLong(gpus))
              .put("Capabilities", Json.array(List.of(Json.texts(List.of("gpu")))))
              .build());
    }
    return Json.array(requests);
  }

  private static boolean isCdi(String device) {
    return !device.startsWith("/") && device.matches("[^/:]+/[^=:]+=.+");
  }

  /** {@code nofile=1024:2048}. */
  static Json ulimits(List<String> given) throws BadUsage {
    List<Json> limits = new ArrayList<>();
    for (String each : given) {
      if (!each.matches("[a-z]+=-?\\d{1,18}(:-?\\d{1,18})?")) {
        throw BadUsage.flag(
            "invalid argument \""
                + each
                + "\" for \"--ulimit\" flag: write it as name=soft[:hard]");
      }
      int equals = each.indexOf('=');
      String[] values = each.substring(equals + 1).split(":");
      limits.add(
          new JsonObject()
              .put("Name", each.substring(0, equals))
              .put("Soft", Long.parseLong(values[0]))
              .put("Hard", Long.parseLong(values[values.length - 1]))
              .build());
    }
    return Json.array(limits);
  }
}
