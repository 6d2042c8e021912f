package io.gantry.cri.config;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads and prints gantry.toml. */
public final class ConfigFile {
  /**
   * Where the configuration is when no flag names another place. A missing file here means the
   * defaults.
   */
  public static final Path DEFAULT_PATH = Path.of("/etc/gantry/gantry.toml");

  // What a RuntimeClass's handler may be: a DNS label or subdomain.
  private static final Pattern HANDLER_NAME =
      Pattern.compile("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?");

  private ConfigFile() {}

  /**
   * Reads a configuration and lays the flags over it.
   *
   * @param file the file; may be absent only at {@link #DEFAULT_PATH}
   * @param overrides values of keys ("log.level") that win over the file's
   * @throws ConfigException with every problem of the file and the flags
   */
  public static Settings read(Path file, Map<String, String> overrides) throws ConfigException {
    String toml;
    try {
      toml = Files.readString(file);
    } catch (NoSuchFileException e) {
      if (!file.equals(DEFAULT_PATH)) {
        throw new ConfigException(List.of(file + ": no such file"));
      }
      toml = "";
    } catch (IOException e) {
      throw new ConfigException(List.of("read " + file + ": " + e));
    }
    return parse(file.toString(), toml, overrides);
  }

  /**
   * The defaults with the flags over them.
   *
   * @throws ConfigException with every problem of the flags
   */
  public static Settings ofFlags(Map<String, String> overrides) throws ConfigException {
    return parse("flags", "", overrides);
  }

  static Settings parse(String name, String toml, Map<String, String> overrides)
      throws ConfigException {
    var mapper = new TomlMapper();
    JsonNode document;
    try {
      document = mapper.readTree(toml);
    } catch (JacksonException e) {
      var at = e.getLocation();
      String line = at == null ? "" : ":" + at.getLineNr();
      throw new ConfigException(List.of(name + line + ": " + e.getOriginalMessage()));
    }
    var problems = new ArrayList<String>();
    var values = Values.defaults();
    new Reader(name, new KeyLines(toml), values, problems).read(document);
    overrides.forEach(
        (path, text) ->
            Keys.ALL.stream()
                .filter(key -> key.path().equals(path))
                .forEach(
                    key ->
                        set(key, key.kind().ofFlag(text), "flag for " + path, values, problems)));
    if (values.get(Keys.STREAMING_TLS_CERT).isPresent()
        != values.get(Keys.STREAMING_TLS_KEY).isPresent()) {
      problems.add(name + ": streaming.tls_cert and streaming.tls_key need each other");
    }
    if (values.get(RegistryServerKeys.TLS_CERT).isPresent()
        != values.get(RegistryServerKeys.TLS_KEY).isPresent()) {
      problems.add(name + ": registry_server.tls_cert and registry_server.tls_key need each other");
    }
    DockerKeys.problem(values).ifPresent(problem -> problems.add(name + ": " + problem));
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
    return new Settings(values);
  }

  /** A gantry.toml that says every default, with what each key means. */
  public static String printDefaults() {
    var text = new StringBuilder("# gantryd's configuration; the values here are the defaults.\n");
    var tables =
        Keys.ALL.stream()
            .collect(Collectors.groupingBy(Key::table, LinkedHashMap::new, Collectors.toList()));
    tables.forEach(
        (table, keys) -> {
          text.append("\n[").append(table).append("]\n");
          for (Key<?> key : keys) {
            text.append("# ").append(key.words());
            text.append(key.whenChanged() == Key.Change.RELOAD ? " Re-read on SIGHUP.\n" : "\n");
            text.append(key.print(Values.defaults())).append('\n');
          }
        });
    text.append(
        "\n"
            + "# A runtime handler, which a RuntimeClass names. There may be any number of such"
            + " tables.\n");
    text.append("[runtimes.").append(Config.Runtime.OWN_SHIM).append("]\n");
    for (Key<?> key : RuntimeKeys.ALL) {
      text.append("# ").append(key.words()).append('\n');
      text.append(key.print(Values.defaults())).append('\n');
    }
    return text.toString();
  }

  private static <T> void set(
      Key<T> key, JsonNode node, String where, Values values, List<String> problems) {
    try {
      values.set(key, key.read(node));
    } catch (IllegalArgumentException e) {
      problems.add(where + ": " + e.getMessage());
    }
  }

  /** Goes through one document, gathering values and problems. */
  private record Reader(String name, KeyLines lines, Values values, List<String> problems) {
    void read(JsonNode document) {
      document
          .properties()
          .forEach(
              table -> {
                if (table.getKey().equals(RuntimeKeys.TABLE) && table.getValue().isObject()) {
                  readRuntimes(table.getValue());
                  return;
                }
                boolean known =
                    Keys.ALL.stream().anyMatch(key -> key.table().equals(table.getKey()));
                if (!known) {
                  problems.add(where(table.getKey()) + ": unknown key " + table.getKey());
                } else if (!table.getValue().isObject()) {
                  problems.add(where(table.getKey()) + ": " + table.getKey() + " is a table");
                } else {
                  readTable(table.getKey(), table.getValue());
                }
              });
      check();
    }

    private void readTable(String table, JsonNode keys) {
      keys.properties()
          .forEach(
              entry ->
                  readKey(
                      Keys.ALL.stream().filter(key -> key.table().equals(table)),
                      table + "." + entry.getKey(),
                      entry,
                      values));
    }

    /** Every table in it is a handler's, whose name is free. */
    private void readRuntimes(JsonNode runtimes) {
      runtimes
          .properties()
          .forEach(
              runtime -> {
                String path = RuntimeKeys.TABLE + "." + runtime.getKey();
                if (!HANDLER_NAME.matcher(runtime.getKey()).matches()) {
                  problems.add(
                      where(path)
                          + ": "
                          + path
                          + ": a handler's name is at most 253 lower case letters, digits, \"-\""
                          + " and \".\"");
                } else if (!runtime.getValue().isObject()) {
                  problems.add(where(path) + ": " + path + " is a table");
                } else {
                  readRuntime(path, runtime.getValue(), values.runtime(runtime.getKey()));
                }
              });
    }

    private void readRuntime(String table, JsonNode keys, Values into) {
      keys.properties()
          .forEach(
              entry ->
                  readKey(RuntimeKeys.ALL.stream(), table + "." + entry.getKey(), entry, into));
    }

    private void readKey(
        Stream<Key<?>> known, String path, Map.Entry<String, JsonNode> entry, Values into) {
      known
          .filter(key -> key.name().equals(entry.getKey()))
          .findFirst()
          .ifPresentOrElse(
              key -> set(key, entry.getValue(), where(path) + ": " + path, into, problems),
              () -> problems.add(where(path) + ": unknown key " + path));
    }

    /** What only the whole can show. */
    private void check() {
      String wanted = values.get(Keys.DEFAULT_RUNTIME);
      if (values.runtimes().find(wanted).isEmpty()) {
        problems.add(
            where(Keys.DEFAULT_RUNTIME.path())
                + ": "
                + Keys.DEFAULT_RUNTIME.path()
                + ": there is no table [runtimes."
                + wanted
                + "]");
      }
    }

    private String where(String path) {
      var line = lines.of(path);
      return line.isPresent() ? name + ":" + line.getAsInt() : name;
    }
  }
}
