package io.gantry.docker.engine.image;

import com.fasterxml.jackson.databind.JsonNode;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Json;
import io.gantry.docker.engine.api.Request;
import io.gantry.proto.cri.v1.AuthConfig;
import java.util.Base64;
import java.util.Optional;

/** Credentials as clients send them. */
final class RegistryAuth {

  private RegistryAuth() {}

  /**
   * Those of the header {@code X-Registry-Auth}; nothing if it is absent or empty.
   *
   * @throws EngineException if it is malformed; the message does not quote it
   */
  static Optional<AuthConfig> of(Request request) throws EngineException {
    String header = request.header("X-Registry-Auth").orElse("").strip();
    if (header.isEmpty()) {
      return Optional.empty();
    }
    byte[] json;
    try {
      String plain = header.replace('+', '-').replace('/', '_').replace("=", "");
      json = Base64.getUrlDecoder().decode(plain);
    } catch (IllegalArgumentException e) {
      throw EngineException.badRequest("invalid X-Registry-Auth header: it is not base64");
    }
    JsonNode document;
    try {
      document = Json.parse(json, "X-Registry-Auth header");
    } catch (EngineException e) {
      throw EngineException.badRequest("invalid X-Registry-Auth header: it holds no JSON");
    }
    return Optional.of(of(document)).filter(auth -> !auth.equals(AuthConfig.getDefaultInstance()));
  }

  static AuthConfig of(JsonNode document) {
    return AuthConfig.newBuilder()
        .setUsername(document.path("username").asText(""))
        .setPassword(document.path("password").asText(""))
        .setAuth(document.path("auth").asText(""))
        .setServerAddress(document.path("serveraddress").asText(""))
        .setIdentityToken(document.path("identitytoken").asText(""))
        .setRegistryToken(document.path("registrytoken").asText(""))
        .build();
  }
}
