package io.gantry.docker.cli.settings;

import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Who the user is at which registry: in config.json, or kept by a helper program. */
public final class Credentials {
  public static final String DOCKER_HUB = "https://index.docker.io/v1/";

  private static final String AUTHS = "auths";

  private final Settings settings;

  public Credentials(Settings settings) {
    this.settings = settings;
  }

  /** The registry that an image's name leads to, by the key that config.json has it under. */
  public static String registryOf(String image) {
    int slash = image.indexOf('/');
    String first = slash < 0 ? "" : image.substring(0, slash);
    boolean host = first.contains(".") || first.contains(":") || first.equals("localhost");
    return host && !first.equals("docker.io") ? first : DOCKER_HUB;
  }

  /** The engine's form of credentials; an empty object if there are none. */
  public Json of(String registry) throws IOException {
    Optional<String> helper = helper(registry);
    if (helper.isPresent()) {
      return new CredentialKeeper(helper.get()).get(registry);
    }
    Map<String, Json> all = settings.document().get(AUTHS).fields();
    Json kept = all.get(registry);
    for (Map.Entry<String, Json> each : all.entrySet()) {
      if (kept == null && host(each.getKey()).equals(host(registry))) {
        kept = each.getValue();
      }
    }
    return kept == null ? Json.object(Map.of()) : decoded(registry, kept);
  }

  /** All of them, for a build. */
  public Json all() throws IOException {
    Map<String, Json> all = new LinkedHashMap<>();
    Json document = settings.document();
    for (String registry : document.get(AUTHS).fields().keySet()) {
      all.put(registry, of(registry));
    }
    for (String registry : document.get("credHelpers").fields().keySet()) {
      all.put(registry, of(registry));
    }
    return Json.object(all);
  }

  /** Keeps credentials; says where. */
  public String keep(String registry, Json credentials) throws IOException {
    Optional<String> helper = helper(registry);
    if (helper.isPresent()) {
      new CredentialKeeper(helper.get()).store(registry, credentials);
      return "docker-credential-" + helper.get();
    }
    Map<String, Json> auths = new TreeMap<>(settings.document().get(AUTHS).fields());
    String pair = credentials.get("username").text() + ":" + credentials.get("password").text();
    JsonObject kept = new JsonObject();
    kept.put("auth", Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
    if (!credentials.get("identitytoken").text().isEmpty()) {
      kept.put("identitytoken", credentials.get("identitytoken"));
    }
    auths.put(registry, kept.build());
    settings.put(AUTHS, Json.object(auths));
    return settings.file().toString();
  }

  /** Forgets credentials. False if there were none. */
  public boolean forget(String registry) throws IOException {
    Optional<String> helper = helper(registry);
    if (helper.isPresent()) {
      new CredentialKeeper(helper.get()).erase(registry);
      return true;
    }
    Map<String, Json> auths = new TreeMap<>(settings.document().get(AUTHS).fields());
    if (auths.remove(registry) == null) {
      return false;
    }
    settings.put(AUTHS, Json.object(auths));
    return true;
  }

  private Optional<String> helper(String registry) throws IOException {
    String own = settings.document().at("credHelpers", registry).text();
    return own.isEmpty() ? settings.text("credsStore") : Optional.of(own);
  }

  private static String host(String key) {
    String bare = key.replaceFirst("^https?://", "");
    int slash = bare.indexOf('/');
    return slash < 0 ? bare : bare.substring(0, slash);
  }

  private Json decoded(String registry, Json kept) throws IOException {
    JsonObject credentials = new JsonObject();
    String auth = kept.get("auth").text();
    if (!auth.isEmpty()) {
      String pair;
      try {
        pair = new String(Base64.getDecoder().decode(auth), StandardCharsets.UTF_8);
      } catch (IllegalArgumentException e) {
        throw new IOException(
            settings.file()
                + ": the credentials for "
                + registry
                + " are not base64; log in again: gantry login "
                + registry,
            e);
      }
      int colon = pair.indexOf(':');
      credentials.put("username", colon < 0 ? pair : pair.substring(0, colon));
      credentials.put("password", colon < 0 ? "" : pair.substring(colon + 1));
    }
    for (String name : new String[] {"username", "password", "identitytoken", "registrytoken"}) {
      if (kept.has(name)) {
        credentials.put(name, kept.get(name));
      }
    }
    return credentials.put("serveraddress", registry).build();
  }
}
