package io.gantry.docker.engine.api;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds who answers a request. Of several routes that fit, the first one does. */
public final class Router {
  private static final Pattern VERSIONED = Pattern.compile("/v([0-9.]+)(/.*)");

  private final List<Route> routes;

  public Router(List<Route> routes) {
    this.routes = List.copyOf(routes);
  }

  /**
   * What was found.
   *
   * @param path without the version
   */
  public record Found(
      Handler handler, ApiVersion version, String path, Map<String, String> parameters) {}

  /**
   * Finds the handler of a path, which may begin with a version.
   *
   * @throws EngineException if there is none, or the version is not spoken
   */
  public Found find(String method, String asked) throws EngineException {
    ApiVersion version = ApiVersion.NEWEST;
    String path = asked;
    Matcher versioned = VERSIONED.matcher(asked);
    if (versioned.matches()) {
      version = spoken(versioned.group(1));
      path = versioned.group(2);
    }
    if (path.length() > 1 && path.endsWith("/")) {
      path = path.substring(0, path.length() - 1);
    }
    boolean otherMethod = false;
    for (Route route : routes) {
      Optional<Map<String, String>> parameters = match(route, path);
      if (parameters.isPresent()) {
        if (route.method().equals(method)) {
          return new Found(route.handler(), version, path, parameters.get());
        }
        otherMethod = true;
      }
    }
    throw otherMethod && method.equals("OPTIONS")
        ? new EngineException(405, "method not allowed")
        : EngineException.notFound("page not found");
  }

  private static Optional<Map<String, String>> match(Route route, String path)
      throws EngineException {
    try {
      return route.match(path);
    } catch (IllegalArgumentException e) {
      throw EngineException.badRequest("invalid path: " + e.getMessage());
    }
  }

  private static ApiVersion spoken(String text) throws EngineException {
    ApiVersion version =
        ApiVersion.parse(text)
            .orElseThrow(() -> EngineException.badRequest("invalid API version: " + text));
    if (version.compareTo(ApiVersion.OLDEST) < 0) {
      throw EngineException.badRequest(
          "client version %s is too old. Minimum supported API version is %s, please upgrade your client to a newer version"
              .formatted(version, ApiVersion.OLDEST));
    }
    if (version.compareTo(ApiVersion.NEWEST) > 0) {
      throw EngineException.badRequest(
          "client version %s is too new. Maximum supported API version is %s"
              .formatted(version, ApiVersion.NEWEST));
    }
    return version;
  }
}
