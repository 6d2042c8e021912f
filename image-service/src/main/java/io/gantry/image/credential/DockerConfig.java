package io.gantry.image.credential;

import static io.gantry.image.failure.ImageException.Kind.UNAUTHORIZED;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.gantry.image.failure.ImageException;
import io.gantry.image.registry.Credentials;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A file of the form of Docker's config.json: credentials in {@code auths}, the names of helpers in
 * {@code credHelpers} and {@code credsStore}. A key may also be of the form {@code
 * host/repository}, as others write it, and then counts for what is below; the longest counts.
 */
final class DockerConfig {

  private static final String HUB = "docker.io";
  // The name under which Docker keeps the hub's credentials.
  private static final String HUB_SERVER = "https://index.docker.io/v1/";
  private static final JsonMapper MAPPER = new JsonMapper();

  private final Path file;
  private final JsonNode root;

  private DockerConfig(Path file, JsonNode root) {
    this.file = file;
    this.root = root;
  }

  /**
   * Reads the file; one that is not there is as one that is empty.
   *
   * @throws ImageException UNAUTHORIZED if it cannot be read; the message never quotes it
   */
  static DockerConfig read(Path file) throws ImageException {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      return new DockerConfig(file, MAPPER.createObjectNode());
    } catch (IOException e) {
      throw new ImageException(UNAUTHORIZED, "credentials in " + file + " cannot be read: " + e, e);
    }
    try {
      return new DockerConfig(file, MAPPER.readTree(bytes));
    } catch (IOException e) {
      // Not its cause: it could quote a secret.
      throw new ImageException(UNAUTHORIZED, "credentials in " + file + " are not JSON");
    }
  }

  /** The helper to ask for a registry; "" in the file means that there is none. */
  Optional<String> helper(String registry) {
    Optional<JsonNode> own = entry(root.path("credHelpers"), registry, "");
    String name = own.map(JsonNode::asText).orElseGet(() -> root.path("credsStore").asText(""));
    return name.isEmpty() ? Optional.empty() : Optional.of(name);
  }

  /** What a helper knows the registry as. */
  static String serverOf(String registry) {
    return registry.equals(HUB) ? HUB_SERVER : registry;
  }

  /**
   * The credentials that the file itself holds.
   *
   * @throws ImageException UNAUTHORIZED if they are malformed; the message does not quote them
   */
  Credentials credentials(String registry, String repository) throws ImageException {
    Optional<JsonNode> found = entry(root.path("auths"), registry, repository);
    if (found.isEmpty()) {
      return new Credentials.Anonymous();
    }
    JsonNode entry = found.get();
    if (!entry.path("identitytoken").asText("").isEmpty()) {
      return new Credentials.IdentityToken(entry.path("identitytoken").asText());
    }
    if (!entry.path("registrytoken").asText("").isEmpty()) {
      return new Credentials.RegistryToken(entry.path("registrytoken").asText());
    }
    if (!entry.path("auth").asText("").isEmpty()) {
      return decoded(registry, entry.path("auth").asText());
    }
    String user = entry.path("username").asText("");
    return user.isEmpty()
        ? new Credentials.Anonymous()
        : new Credentials.Password(user, entry.path("password").asText(""));
  }

  private Credentials decoded(String registry, String auth) throws ImageException {
    String pair;
    try {
      pair = new String(Base64.getDecoder().decode(auth.trim()), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw malformed(registry);
    }
    int colon = pair.indexOf(':');
    if (colon < 0) {
      throw malformed(registry);
    }
    // Docker's old clients padded it.
    String password = pair.substring(colon + 1).replaceAll("\0+$", "");
    return new Credentials.Password(pair.substring(0, colon), password);
  }

  private ImageException malformed(String registry) {
    return new ImageException(
        UNAUTHORIZED,
        "credentials in " + file + ": auth of " + registry + " is not user:password in base64");
  }

  private static Optional<JsonNode> entry(JsonNode table, String registry, String repository) {
    String wanted = repository.isEmpty() ? registry : registry + "/" + repository;
    Optional<JsonNode> best = Optional.empty();
    int length = -1;
    for (Map.Entry<String, JsonNode> entry : table.properties()) {
      String key = normal(entry.getKey());
      boolean fits = wanted.equals(key) || wanted.startsWith(key + "/");
      if (fits && key.length() > length) {
        best = Optional.of(entry.getValue());
        length = key.length();
      }
    }
    return best;
  }

  /** A key as references name registries: without a scheme, and without the API's path. */
  private static String normal(String key) {
    int scheme = key.indexOf("://");
    String name = scheme < 0 ? key : key.substring(scheme + 3);
    while (name.endsWith("/")) {
      name = name.substring(0, name.length() - 1);
    }
    if (name.endsWith("/v1") || name.endsWith("/v2")) {
      name = name.substring(0, name.length() - 3);
    }
    int slash = name.indexOf('/');
    String host = (slash < 0 ? name : name.substring(0, slash)).toLowerCase(Locale.ROOT);
    String path = slash < 0 ? "" : name.substring(slash);
    boolean hub = host.equals("index.docker.io") || host.equals("registry-1.docker.io");
    return (hub ? HUB : host) + path;
  }
}
