package io.gantry.image.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
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
import java.util.regex.Pattern;

/**
 * Reads one {@code hosts.toml}, with the keys and meanings of containerd's (its docs/hosts.md):
 * {@code server}, tables {@code [host."URL"]} tried in the order of the file, and in each {@code
 * capabilities}, {@code ca}, {@code client}, {@code skip_verify}, {@code override_path}, {@code
 * header} and {@code dial_timeout}. Of gantry's own are {@code user} with {@code password_file},
 * {@code helper} and {@code credential_domain}: see {@link Login}. A key that is not known is an
 * error that names it.
 */
final class HostsToml {

  /** How long making a connection may take if nobody says, as with containerd. */
  static final Duration DIAL_TIMEOUT = Duration.ofSeconds(30);

  // RFC 9110, 5.1 and 5.5.
  private static final Pattern HEADER = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+");
  private static final Pattern VALUE = Pattern.compile("[\\t\\x20-\\x7e\\x80-\\xff]*");
  // The HTTP client's own to set.
  private static final Set<String> RESTRICTED =
      Set.of("connection", "content-length", "expect", "host", "upgrade");
  private static final Set<String> HOST_KEYS =
      Set.of(
          "capabilities",
          "ca",
          "client",
          "skip_verify",
          "override_path",
          "header",
          "dial_timeout",
          "user",
          "password_file",
          "helper",
          "credential_domain");

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
        base(url, flag(table, "override_path")),
        capabilities(table.path("capabilities"), all),
        headers(table.path("header")),
        new TlsOptions(
            paths(table.path("ca")), clients(table.path("client")), flag(table, "skip_verify")),
        table.has("dial_timeout") ? duration(table.path("dial_timeout").asText()) : DIAL_TIMEOUT,
        login(table),
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

  private boolean flag(JsonNode table, String key) throws IOException {
    JsonNode value = table.path(key);
    if (!value.isMissingNode() && !value.isBoolean()) {
      throw new IOException(file + ": " + key + " must be true or false");
    }
    return value.asBoolean(false);
  }

  private Login login(JsonNode table) throws IOException {
    Login login =
        new Login(
            text(table, "user"),
            text(table, "password_file").map(this::resolve),
            text(table, "helper"),
            text(table, "credential_domain"));
    if (login.user().isPresent() != login.passwordFile().isPresent()) {
      throw new IOException(file + ": user and password_file need each other");
    }
    if (login.user().isPresent() && login.helper().isPresent()) {
      throw new IOException(file + ": a host has either user and password_file or a helper");
    }
    return login;
  }

  private Optional<String> text(JsonNode table, String key) throws IOException {
    JsonNode value = table.path(key);
    if (!value.isMissingNode() && (!value.isTextual() || value.textValue().isEmpty())) {
      throw new IOException(file + ": " + key + " must be a string that is not empty");
    }
    return Optional.ofNullable(value.textValue());
  }

  /** As with containerd, no capabilities are all. */
  private Set<Capability> capabilities(JsonNode node, Set<Capability> all) throws IOException {
    Set<Capability> capabilities = EnumSet.noneOf(Capability.class);
    for (String word : strings(node, "capabilities")) {
      try {
        capabilities.add(Capability.valueOf(word.toUpperCase(Locale.ROOT)));
      } catch (IllegalArgumentException e) {
        throw new IOException(
            file + ": unknown capability \"" + word + "\"; known are pull, resolve and push", e);
      }
    }
    return capabilities.isEmpty() ? all : capabilities;
  }

  private Map<String, List<String>> headers(JsonNode node) throws IOException {
    Map<String, List<String>> headers = new LinkedHashMap<>();
    if (!node.isMissingNode() && !node.isObject()) {
      throw new IOException(file + ": header must be a table");
    }
    for (Map.Entry<String, JsonNode> header : node.properties()) {
      List<String> values = strings(header.getValue(), "header." + header.getKey());
      boolean sound =
          HEADER.matcher(header.getKey()).matches()
              && !RESTRICTED.contains(header.getKey().toLowerCase(Locale.ROOT))
              && values.stream().allMatch(value -> VALUE.matcher(value).matches());
      if (!sound) {
        // Not the value: it may be a secret.
        throw new IOException(file + ": header." + header.getKey() + " cannot be set to that");
      }
      headers.put(header.getKey(), values);
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

  /** A file that holds certificate and key, or an array of such files and of pairs of files. */
  private List<TlsOptions.ClientCertificate> clients(JsonNode node) throws IOException {
    List<TlsOptions.ClientCertificate> clients = new ArrayList<>();
    for (JsonNode element :
        node.isArray() ? node : JsonNodeFactory.instance.arrayNode().add(node)) {
      List<String> files = node.isMissingNode() ? List.of() : strings(element, "client");
      if (element.isArray() && (files.isEmpty() || files.size() > 2)) {
        throw new IOException(file + ": client takes pairs of certificate and key");
      }
      if (!files.isEmpty()) {
        Optional<Path> key =
            files.size() == 2 && !files.get(1).isEmpty()
                ? Optional.of(resolve(files.get(1)))
                : Optional.empty();
        clients.add(new TlsOptions.ClientCertificate(resolve(files.get(0)), key));
      }
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
