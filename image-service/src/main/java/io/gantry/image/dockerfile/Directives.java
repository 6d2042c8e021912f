package io.gantry.image.dockerfile;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The parser directives at a Dockerfile's head.
 *
 * @param lines how many lines they take
 */
record Directives(Map<String, String> byName, int lines) {
  private static final Pattern DIRECTIVE =
      Pattern.compile("#\\s*([A-Za-z][A-Za-z0-9]*)\\s*=\\s*(.*\\S)\\s*");
  private static final Set<String> KNOWN = Set.of("syntax", "escape", "check");

  Directives {
    byName = Map.copyOf(byName);
  }

  /** They end at the first line that is none, be it a comment. */
  static Directives read(SourceFile file) throws DockerfileException {
    Map<String, String> found = new HashMap<>();
    int at = 0;
    while (at < file.lines().size()) {
      Matcher matcher = DIRECTIVE.matcher(file.lines().get(at).trim());
      if (!matcher.matches()) {
        break;
      }
      String name = matcher.group(1).toLowerCase(Locale.ROOT);
      if (!KNOWN.contains(name)) {
        break;
      }
      Place place = new Place(at + 1, 1);
      if (found.putIfAbsent(name, matcher.group(2)) != null) {
        throw file.error(place, "only one " + name + " parser directive can be used");
      }
      if (name.equals("escape")
          && !matcher.group(2).equals("\\")
          && !matcher.group(2).equals("`")) {
        throw file.error(
            place, "the escape character is \\ or `, not \"" + matcher.group(2) + "\"");
      }
      at++;
    }
    return new Directives(found, at);
  }

  char escape() {
    return byName.getOrDefault("escape", "\\").charAt(0);
  }
}
