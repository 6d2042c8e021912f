package io.gantry.docker.cli.container;

import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.option.BadUsage;
import io.gantry.docker.cli.settings.Environment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Names with values, from flags and files. */
final class Pairs {
  private Pairs() {}

  /** A name without a value has an empty one. */
  static Json map(List<String> given) {
    Map<String, String> all = new LinkedHashMap<>();
    for (String each : given) {
      int equals = each.indexOf('=');
      all.put(
          equals < 0 ? each : each.substring(0, equals),
          equals < 0 ? "" : each.substring(equals + 1));
    }
    return Json.textMap(all);
  }

  /** Variables: a name without a value is passed on, if it is set. */
  static List<String> variables(Environment environment, List<String> files, List<String> given)
      throws IOException, BadUsage {
    List<String> all = new ArrayList<>();
    for (String file : files) {
      for (String line : lines(environment, file, "--env-file")) {
        add(all, environment, line);
      }
    }
    for (String each : given) {
      if (each.isEmpty() || each.startsWith("=")) {
        throw BadUsage.flag(
            "invalid argument \""
                + each
                + "\" for \"-e, --env\" flag: invalid environment variable: "
                + each);
      }
      add(all, environment, each);
    }
    return all;
  }

  private static void add(List<String> all, Environment environment, String each) {
    if (each.contains("=")) {
      all.add(each);
      return;
    }
    Optional<String> value = Optional.ofNullable(environment.variables().get(each));
    value.ifPresent(text -> all.add(each + "=" + text));
  }

  /** A file's lines without comments. */
  static List<String> lines(Environment environment, String file, String flag)
      throws IOException, BadUsage {
    List<String> lines = new ArrayList<>();
    try {
      for (String line :
          Files.readString(environment.file(file), StandardCharsets.UTF_8).split("\r?\n")) {
        String text = line.stripLeading();
        if (!text.isEmpty() && !text.startsWith("#")) {
          lines.add(text);
        }
      }
    } catch (NoSuchFileException e) {
      throw BadUsage.flag(flag + " " + file + ": no such file");
    }
    return lines;
  }
}
