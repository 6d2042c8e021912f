package io.gantry.image.registry;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One way to authenticate that a 401 offers (RFC 9110, 11.6.1).
 *
 * @param scheme in lower case, such as {@code bearer}
 * @param parameters by lower-case name
 */
record Challenge(String scheme, Map<String, String> parameters) {

  private static final Pattern PARAMETER =
      Pattern.compile(
          "\\s*,?\\s*([A-Za-z0-9!#$%&'*+.^_`|~-]+)\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*+)\"|([^\\s,\"]+))");
  private static final Pattern SCHEME =
      Pattern.compile("\\s*,?\\s*([A-Za-z0-9-]+)(?=\\s|,|$)(?!\\s*=)");

  Challenge {
    parameters = Map.copyOf(parameters);
  }

  /** Reads all WWW-Authenticate headers of an answer; what cannot be understood is left out. */
  static List<Challenge> parse(List<String> headers) {
    List<Challenge> challenges = new ArrayList<>();
    for (String header : headers) {
      int at = 0;
      Matcher scheme = SCHEME.matcher(header);
      while (scheme.find(at) && scheme.start() == at) {
        at = scheme.end();
        Map<String, String> parameters = new LinkedHashMap<>();
        Matcher parameter = PARAMETER.matcher(header);
        while (parameter.find(at) && parameter.start() == at) {
          String value =
              parameter.group(2) != null
                  ? parameter.group(2).replaceAll("\\\\(.)", "$1")
                  : parameter.group(3);
          parameters.put(parameter.group(1).toLowerCase(Locale.ROOT), value);
          at = parameter.end();
        }
        challenges.add(new Challenge(scheme.group(1).toLowerCase(Locale.ROOT), parameters));
      }
    }
    return challenges;
  }

  Optional<String> parameter(String name) {
    return Optional.ofNullable(parameters.get(name));
  }
}
