package io.gantry.docker.engine.api;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A method and the form of a path, with who answers.
 *
 * <p>In a path {@code {name}} is one part between slashes, {@code {name...}} any number of them, as
 * names of images have.
 */
public final class Route {
  private static final Pattern PARAMETER = Pattern.compile("\\{(\\w+)(\\.\\.\\.)?}");

  private final String method;
  private final String template;
  private final Pattern path;
  private final List<String> names = new ArrayList<>();
  private final Handler handler;

  private Route(String method, String template, Handler handler) {
    this.method = method;
    this.template = template;
    this.handler = handler;
    StringBuilder regex = new StringBuilder();
    Matcher parameter = PARAMETER.matcher(template);
    int end = 0;
    while (parameter.find()) {
      regex.append(Pattern.quote(template.substring(end, parameter.start())));
      names.add(parameter.group(1));
      regex.append(parameter.group(2) == null ? "([^/]+)" : "(.+)");
      end = parameter.end();
    }
    regex.append(Pattern.quote(template.substring(end)));
    this.path = Pattern.compile(regex.toString());
  }

  public static Route get(String path, Handler handler) {
    return new Route("GET", path, handler);
  }

  public static Route head(String path, Handler handler) {
    return new Route("HEAD", path, handler);
  }

  public static Route post(String path, Handler handler) {
    return new Route("POST", path, handler);
  }

  public static Route put(String path, Handler handler) {
    return new Route("PUT", path, handler);
  }

  public static Route delete(String path, Handler handler) {
    return new Route("DELETE", path, handler);
  }

  public String method() {
    return method;
  }

  public Handler handler() {
    return handler;
  }

  /** The path's parameters if the path has this route's form. */
  Optional<Map<String, String>> match(String asked) {
    Matcher match = path.matcher(asked);
    if (!match.matches()) {
      return Optional.empty();
    }
    Map<String, String> parameters = new HashMap<>();
    for (int index = 0; index < names.size(); index++) {
      // A plus sign is itself in paths.
      String escaped = match.group(index + 1).replace("+", "%2B");
      parameters.put(names.get(index), URLDecoder.decode(escaped, StandardCharsets.UTF_8));
    }
    return Optional.of(parameters);
  }

  @Override
  public String toString() {
    return method + " " + template;
  }
}
