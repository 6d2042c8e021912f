package io.gantry.docker.engine.build;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Json;
import io.gantry.docker.engine.api.Query;
import io.gantry.proto.cri.v1.AuthConfig;
import io.gantry.proto.v1.BuildLimits;
import io.gantry.proto.v1.BuildStart;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What stands behind the question mark of POST /build, in the builder's words. */
final class BuildParameters {
  private static final String BRIDGE = "bridge";

  private BuildParameters() {}

  /**
   * @param registries the header with credentials
   * @throws EngineException for what is malformed or not built
   */
  static BuildStart of(Query query, Optional<String> registries) throws EngineException {
    refuse(query);
    BuildStart.Builder start =
        BuildStart.newBuilder()
            .setDockerfile(query.text("dockerfile"))
            .setTarget(query.text("target"))
            .setNoCache(query.flag("nocache"))
            .setPull(query.flag("pull"))
            .setPlatform(query.text("platform"))
            .setNetworkMode(network(query.text("networkmode")))
            .setRemote(remote(query.text("remote")))
            .setLimits(limits(query));
    for (String tag : query.all("t")) {
      if (!tag.isEmpty()) {
        start.addTags(tag);
      }
    }
    // An argument that is null has the value that the Dockerfile gives it.
    for (Map.Entry<String, JsonNode> one : object(query, "buildargs").properties()) {
      if (!one.getValue().isNull()) {
        start.putArguments(one.getKey(), one.getValue().asText());
      }
    }
    start.putAllLabels(Json.mapOf(object(query, "labels")));
    start.addAllExtraHosts(hosts(query));
    for (String name : Json.listOf(parsed(query, "cachefrom"))) {
      start.addCacheFrom(name);
    }
    if (registries.isPresent()) {
      start.putAllAuths(auths(registries.get()));
    }
    return start.build();
  }

  private static void refuse(Query query) throws EngineException {
    String version = query.text("version", "1");
    if (!version.equals("1")) {
      throw EngineException.badRequest(
          "the builder of version " + version + " (BuildKit) is not here: set DOCKER_BUILDKIT=0");
    }
    if (query.flag("squash")) {
      throw EngineException.badRequest("squash is not supported: layers stay as they are built");
    }
    if (!query.text("outputs").isEmpty()) {
      throw EngineException.badRequest(
          "outputs are not supported: an image is built, and can be exported");
    }
    if (query.given("securityopt").isPresent()
        && !Json.listOf(parsed(query, "securityopt")).isEmpty()) {
      throw EngineException.badRequest(
          "the classic builder has no security options, and the daemon on Linux does not either");
    }
    if (query.given("isolation").filter(value -> !value.equals("default")).isPresent()) {
      throw EngineException.badRequest(
          "isolation " + query.text("isolation") + " is not known on Linux: default alone is");
    }
  }

  /** Unasked, steps are where containers are unasked. */
  private static String network(String mode) throws EngineException {
    if (mode.startsWith("container:")) {
      throw EngineException.badRequest(
          "a build cannot share a container's network: name a network, or say host or none");
    }
    return mode.isEmpty() || mode.equals("default") ? BRIDGE : mode;
  }

  /** The command says {@code client-session} and such for contexts that no client here has. */
  private static String remote(String remote) throws EngineException {
    if (remote.equals("client-session")) {
      throw EngineException.badRequest(
          "contexts by session are BuildKit's, which is not here: set DOCKER_BUILDKIT=0");
    }
    return remote;
  }

  /** As JSON, or one by one, as clients of several ages say it. */
  private static List<String> hosts(Query query) throws EngineException {
    List<String> given = query.all("extrahosts");
    boolean json = given.size() == 1 && given.get(0).startsWith("[");
    return json
        ? Json.listOf(parsed(query, "extrahosts"))
        : given.stream().filter(host -> !host.isEmpty()).toList();
  }

  private static BuildLimits limits(Query query) throws EngineException {
    BuildLimits.Builder limits =
        BuildLimits.newBuilder()
            .setMemoryBytes(query.number("memory").orElse(0))
            .setMemorySwapBytes(query.number("memswap").orElse(0))
            .setCpuShares(query.number("cpushares").orElse(0))
            .setCpuQuota(query.number("cpuquota").orElse(0))
            .setCpuPeriod(query.number("cpuperiod").orElse(0))
            .setCpusetCpus(query.text("cpusetcpus"))
            .setCpusetMems(query.text("cpusetmems"))
            .setShmBytes(query.number("shmsize").orElse(0))
            .setCgroupParent(query.text("cgroupparent"));
    JsonNode ulimits = parsed(query, "ulimits");
    if (!ulimits.isEmpty()) {
      limits.setUlimitsJson(ulimits(ulimits));
    }
    return limits.build();
  }

  /** The same, with names as gantry.v1 has them. */
  private static String ulimits(JsonNode asked) {
    ArrayNode all = Json.array();
    for (JsonNode one : asked) {
      ObjectNode limit = all.addObject();
      limit.put("name", one.path("Name").asText());
      limit.put("soft", one.path("Soft").asLong());
      limit.put("hard", one.path("Hard").asLong());
    }
    return Json.text(all);
  }

  private static JsonNode object(Query query, String name) throws EngineException {
    JsonNode node = parsed(query, name);
    if (!node.isObject() && !node.isNull()) {
      throw EngineException.badRequest("invalid " + name + ": it is no JSON object");
    }
    return node;
  }

  private static JsonNode parsed(Query query, String name) throws EngineException {
    Optional<String> given = query.given(name);
    return given.isEmpty() ? Json.object() : Json.parse(given.get(), name);
  }

  /** The credentials that the client has for each registry: base64 of a JSON object. */
  private static Map<String, AuthConfig> auths(String header) throws EngineException {
    byte[] json;
    try {
      json = Base64.getUrlDecoder().decode(header.replace('+', '-').replace('/', '_').trim());
    } catch (IllegalArgumentException e) {
      throw EngineException.badRequest("X-Registry-Config is not base64");
    }
    Map<String, AuthConfig> auths = new LinkedHashMap<>();
    String text = new String(json, StandardCharsets.UTF_8);
    for (Map.Entry<String, JsonNode> one : Json.parse(text, "X-Registry-Config").properties()) {
      JsonNode auth = one.getValue();
      auths.put(
          one.getKey(),
          AuthConfig.newBuilder()
              .setUsername(auth.path("username").asText(""))
              .setPassword(auth.path("password").asText(""))
              .setAuth(auth.path("auth").asText(""))
              .setIdentityToken(auth.path("identitytoken").asText(""))
              .setRegistryToken(auth.path("registrytoken").asText(""))
              .setServerAddress(auth.path("serveraddress").asText(one.getKey()))
              .build());
    }
    return auths;
  }
}
