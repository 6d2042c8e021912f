package io.gantry.docker.engine.system;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.docker.engine.api.ApiVersion;
import io.gantry.docker.engine.api.Exchange;
import io.gantry.docker.engine.api.Json;
import io.gantry.docker.engine.api.Route;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Ping, version and info. */
public final class SystemEndpoints {
  private static final String LIKE_DOCKER = "29.0.0";
  private static final byte[] OK = "OK".getBytes(StandardCharsets.UTF_8);

  private final NodeFacts node;
  private final String version;
  private final Counts counts;

  /** How many objects there are. */
  @FunctionalInterface
  public interface Counts {
    /** Adds Containers, ContainersRunning, ContainersPaused, ContainersStopped and Images. */
    void addTo(ObjectNode info);
  }

  /**
   * Endpoints about one node.
   *
   * @param version of gantry
   */
  public SystemEndpoints(NodeFacts node, String version, Counts counts) {
    this.node = node;
    this.version = version;
    this.counts = counts;
  }

  public List<Route> routes() {
    return List.of(
        Route.get("/_ping", SystemEndpoints::ping),
        Route.head("/_ping", SystemEndpoints::ping),
        Route.get("/version", this::version),
        Route.get("/info", this::info));
  }

  private static void ping(Exchange exchange) throws IOException {
    exchange.header("Builder-Version", "1");
    exchange.header("Cache-Control", "no-cache, no-store, must-revalidate");
    exchange.header("Pragma", "no-cache");
    exchange.header("Swarm", "inactive");
    exchange.answer(200, "text/plain; charset=utf-8", OK);
  }

  /**
   * gantry's version as a build of the Docker that it is like: clients compare the number with
   * Docker's, and Testcontainers talks to no engine below 1.6.0.
   */
  private String comparableVersion() {
    return LIKE_DOCKER + "+gantry." + version;
  }

  private void version(Exchange exchange) throws IOException {
    ObjectNode facts = node.read();
    String architecture = GoNames.architecture(facts.path("Architecture").asText());
    ObjectNode answer = Json.object();
    answer.putObject("Platform").put("Name", "gantry");
    ObjectNode engine = answer.putArray("Components").addObject();
    engine.put("Name", "Engine").put("Version", version);
    engine
        .putObject("Details")
        .put("ApiVersion", ApiVersion.NEWEST.toString())
        .put("Arch", architecture)
        .put("KernelVersion", facts.path("KernelVersion").asText())
        .put("MinAPIVersion", ApiVersion.OLDEST.toString())
        .put("Os", "linux");
    answer
        .put("Version", comparableVersion())
        .put("ApiVersion", ApiVersion.NEWEST.toString())
        .put("MinAPIVersion", ApiVersion.OLDEST.toString())
        .put("GitCommit", "")
        .put("GoVersion", "")
        .put("Os", "linux")
        .put("Arch", architecture)
        .put("KernelVersion", facts.path("KernelVersion").asText())
        .put("BuildTime", "");
    exchange.answer(200, answer);
  }

  private void info(Exchange exchange) throws IOException {
    ObjectNode answer = node.read();
    counts.addTo(answer);
    answer
        .put("ServerVersion", comparableVersion())
        .put("OSType", "linux")
        .put("IndexServerAddress", "https://index.docker.io/v1/")
        .put("LoggingDriver", "json-file")
        .put("LiveRestoreEnabled", true)
        .put("MemoryLimit", true)
        .put("SwapLimit", true)
        .put("CpuCfsPeriod", true)
        .put("CpuCfsQuota", true)
        .put("CPUShares", true)
        .put("CPUSet", true)
        .put("PidsLimit", true)
        .put("OomKillDisable", false)
        .put("IPv4Forwarding", true)
        .put("Debug", false)
        .put("NFd", 0)
        .put("NGoroutines", Thread.activeCount())
        .put("NEventsListener", 0)
        .put("SystemTime", java.time.Instant.now().toString())
        .put("ExperimentalBuild", false)
        .put("HttpProxy", "")
        .put("HttpsProxy", "")
        .put("NoProxy", "")
        .put("Isolation", "")
        .put("InitBinary", "")
        .put("ProductLicense", "");
    ObjectNode plugins = answer.putObject("Plugins");
    plugins.set("Volume", Json.texts(List.of("local")));
    plugins.set("Network", Json.texts(List.of("bridge", "host", "null")));
    plugins.putNull("Authorization");
    plugins.set("Log", Json.texts(List.of("json-file", "local", "none")));
    answer
        .putObject("Swarm")
        .put("NodeID", "")
        .put("NodeAddr", "")
        .put("LocalNodeState", "inactive")
        .put("ControlAvailable", false)
        .put("Error", "")
        .putNull("RemoteManagers");
    answer.putArray("Labels");
    answer.putObject("RegistryConfig").putObject("IndexConfigs");
    exchange.answer(200, answer);
  }
}
