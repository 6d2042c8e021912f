package io.gantry.image.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import io.gantry.image.registry.RegistryHost.Capability;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads one {@code hosts.toml}, with the keys and meanings of containerd's (its docs/hosts.md):
 * {@code server}, tables {@code [host."URL"]} tried in the order of the file, and in each {@code
 * capabilities}, {@code ca}, {@code client}, {@code skip_verify}, {@code override_path}, {@code
 * header} and {@code dial_timeout}. A key that is not known is an error that names it.
 */
final class HostsToml {

  private static final Duration DIAL_TIMEOUT = Duration.ofSeconds(30);
  private static final Set<String> HOST_KEYS =
      Set.of(
          "capabilities", "ca", "client", "skip_verify", "override_path", "header", "dial_timeout");

  private final Path file;
  private final JsonNode root;

  private HostsToml(Path file, JsonNode root) {
    this.file = file;
    this.root = root;
  }

  /**
   * The hosts to ask, mirrors first and the registry last.
   *
   * @param registry the registry's host as references name it
   * @throws IOException if the file cannot be read or understood
   */
  static List<RegistryHost> read(Path file, String registry) throws IOException {
    JsonNode root;
    try {
      root = new TomlMapper().readTree(Files.readAllBytes(file));
    } catch (JsonProcessingException e) {
      throw new IOException(
          file + ": " + e.getOriginalMessage() + " at line " + e.getLocation().getLineNr(), e);
    }
    return new HostsToml(file, root).hosts(registry);
  }

  private List<RegistryHost> hosts(String registry) throws IOException {
    checkKeys(root, "", Set.of("server", "host"));
    List<RegistryHost> hosts = new ArrayList<>();
    for (Map.Entry<String, JsonNode> table : root.path("host").properties()) {
      checkKeys(table.getValue(), "host.\"" + table.getKey() + "\".", Set.of());
      hosts.add(host(table.getKey(), table.getValue(), EnumSet.allOf(Capability.class), false));
    }
    String server = root.path("server").asText("");
    hosts.add(
        host(
            server.isEmpty() ? RegistryHosts.defaultUrl(registry) : server,
            root,
            EnumSet.allOf(Capability.class),
            true));
    return hosts;
  }

  private void checkKeys(JsonNode table, String prefix, Set<String> alsoKnown) throws IOException {
    if (!table.isObject()) {
      throw new IOException(file + ": " + prefix + " is not a table");
    }
    for (Map.Entry<String, JsonNode> entry : table.properties()) {
      if (!HOST_KEYS.contains(entry.getKey()) && !alsoKnown.contains(entry.getKey())) {
        throw new IOException(file + ": unknown key " + prefix + entry.getKey());
      }
    }
  }

  private RegistryHost host(String url, JsonNode table, Set<Capability> all, boolean origin)
      throws IOException {
    return new RegistryHost(
        base(url, table.path("override_path").asBoolean(false)),
        table.has("capabilities") ? capabilities(table.path("capabilities")) : all,
        headers(table.path("header")),
        new TlsOptions(
            paths(table.path("ca")),
            clients(table.path("client")),
            table.path("skip_verify").asBoolean(false)),
        table.has("dial_timeout") ? duration(table.path("dial_timeout").asText()) : DIAL_TIMEOUT,
        origin);
  }

  /**
   * Adds the API's {@code /v2} unless it is there, or the path is meant to be used as it stands.
   */
  private URI base(String url, boolean overridePath) throws IOException {
    String whole = url.contains("://") ? url : RegistryHosts.defaultScheme(url) + "://" + url;
    while (whole.endsWith("/")) {
      whole = whole.substring(0, whole.length() - 1);
    }
    URI uri;
    try {
      uri = new URI(whole);
    } catch (URISyntaxException e) {
      throw new IOException(file + ": \"" + url + "\" is not a URL: " + e.getReason(), e);
    }
    boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
    if (!http
        || uri.getHost() == null
        || uri.getRawUserInfo() != null
        || uri.getRawQuery() != null
        || uri.getRawFragment() != null) {
      throw new IOException(
          file
              + ": \""
              + url
              + "\" must be http://HOST[:PORT][/PATH] or https://HOST[:PORT][/PATH]");
    }
    return overridePath || whole.endsWith("/v2") ? uri : URI.create(whole + "/v2");
  }

  private Set<Capability> capabilities(JsonNode node) throws IOException {
    Set<Capability> capabilities = EnumSet.noneOf(Capability.class);
    for (String word : strings(node, "capabilities")) {
      try {
        capabilities.add(Capability.valueOf(word.toUpperCase(Locale.ROOT)));
      } catch (IllegalArgumentException e) {
        throw new IOException(
            file + ": unknown capability \"" + word + "\"; known are pull, resolve and push", e);
      }
    }
    return capabilities;
  }

  private Map<String, List<String>> headers(JsonNode node) throws IOException {
    Map<String, List<String>> headers = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> header : node.properties()) {
      headers.put(header.getKey(), strings(header.getValue(), "header." + header.getKey()));
    }
    return headers;
  }

  /** One string, or an array of strings. */
  private List<String> strings(JsonNode node, String key) throws IOException {
    List<String> values = new ArrayList<>();
    if (node.isTextual()) {
      values.add(node.textValue());
    } else if (!node.isMissingNode()) {
      for (JsonNode element : node) {
        if (!node.isArray() || !element.isTextual()) {
          throw new IOException(file + ": " + key + " must be a string or an array of strings");
        }
        values.add(element.textValue());
      }
    }
    return values;
  }

  private List<Path> paths(JsonNode node) throws IOException {
    List<Path> paths = new ArrayList<>();
    for (String path : strings(node, "ca")) {
      paths.add(resolve(path));
    }
    return paths;
  }

  /** A file, an array of files that hold certificate and key, or an array of pairs of files. */
  private List<TlsOptions.ClientCertificate> clients(JsonNode node) throws IOException {
    List<TlsOptions.ClientCertificate> clients = new ArrayList<>();
    if (node.isArray() && !node.isEmpty() && node.get(0).isArray()) {
      for (JsonNode pair : node) {
        List<String> files = strings(pair, "client");
        if (files.isEmpty() || files.size() > 2) {
          throw new IOException(file + ": client takes pairs of certificate and key");
        }
        Optional<Path> key =
            files.size() == 2 && !files.get(1).isEmpty()
                ? Optional.of(resolve(files.get(1)))
                : Optional.empty();
        clients.add(new TlsOptions.ClientCertificate(resolve(files.get(0)), key));
      }
      return clients;
    }
    for (String certificate : strings(node, "client")) {
      clients.add(new TlsOptions.ClientCertificate(resolve(certificate), Optional.empty()));
    }
    return clients;
  }

  private Path resolve(String path) {
    return file.resolveSibling(path).normalize();
  }

  private Duration duration(String text) throws IOException {
    return GoDuration.parse(text)
        .orElseThrow(
            () ->
                new IOException(
                    file
                        + ": dial_timeout \""
                        + text
                        + "\" is not a duration such as 5s or 1m30s"));
  }
}
