package io.gantry.docker.engine.options;

import com.fasterxml.jackson.databind.JsonNode;
import io.gantry.docker.engine.api.EngineException;
import java.util.Set;

/** Looks at all options of a new container together, before anything is made of them. */
public final class OptionCheck {
  private static final Set<String> ULIMITS =
      Set.of(
          "core",
          "cpu",
          "data",
          "fsize",
          "locks",
          "memlock",
          "msgqueue",
          "nice",
          "nofile",
          "nproc",
          "rss",
          "rtprio",
          "rttime",
          "sigpending",
          "stack");

  private OptionCheck() {}

  /**
   * Checks.
   *
   * @throws EngineException for the first that is wrong, or cannot be met
   */
  public static void all(JsonNode config, JsonNode host) throws EngineException {
    Unsupported.refuse(host);
    LogSettings.of(host);
    RestartPolicy policy = RestartPolicy.of(host.path("RestartPolicy"));
    if (host.path("AutoRemove").asBoolean() && policy.kind() != RestartPolicy.Kind.NO) {
      throw EngineException.badRequest("can't create 'AutoRemove' container with restart policy");
    }
    namespaces(host);
    Ports.of(config, host);
    Limits.of(host);
    Security.of(config, host);
    for (JsonNode limit : host.path("Ulimits")) {
      if (!ULIMITS.contains(limit.path("Name").asText())) {
        throw EngineException.badRequest("invalid ulimit type: " + limit.path("Name").asText());
      }
    }
    if (host.path("ShmSize").asLong() < 0) {
      throw EngineException.badRequest("SHM size can not be less than 0");
    }
    String working = config.path("WorkingDir").asText("");
    if (!working.isEmpty() && !working.startsWith("/")) {
      throw EngineException.badRequest(
          "the working directory '" + working + "' is invalid, it needs to be an absolute path");
    }
  }

  private static void namespaces(JsonNode host) throws EngineException {
    only(host, "IpcMode", "--ipc", Set.of("", "private", "shareable", "host"));
    only(host, "PidMode", "--pid", Set.of("", "host"));
    only(host, "UTSMode", "--uts", Set.of("", "host"));
  }

  private static void only(JsonNode host, String field, String flag, Set<String> known)
      throws EngineException {
    String value = host.path(field).asText("");
    if (!known.contains(value)) {
      throw EngineException.badRequest("gantry does not support " + flag + " " + value);
    }
  }

  /**
   * Refuses another machine's programs.
   *
   * @param platform os[/architecture[/variant]]; "" for this machine's
   */
  public static void platform(String platform) throws EngineException {
    if (platform.isEmpty()) {
      return;
    }
    String[] parts = platform.split("/");
    String own = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
    boolean fits =
        parts[0].equals("linux")
            && (parts.length < 2
                || parts[1].equals(own)
                || parts[1].equals("x86_64") && own.equals("amd64")
                || parts[1].equals("aarch64") && own.equals("arm64"));
    if (!fits) {
      // Not 404: clients would pull, and what they got could not run.
      throw EngineException.badRequest(
          "no image for platform %s can run on this machine, which is linux/%s"
              .formatted(platform, own));
    }
  }
}
