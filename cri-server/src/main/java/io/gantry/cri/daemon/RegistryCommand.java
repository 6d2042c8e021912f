package io.gantry.cri.daemon;

import io.gantry.cri.config.ConfigException;
import io.gantry.cri.config.ConfigFile;
import io.gantry.cri.config.Settings;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A registry without a daemon: {@code gantry registry serve}. */
@Command(
    name = "registry",
    description = "Serves a registry of its own, without the daemon: gantry registry serve.",
    mixinStandardHelpOptions = true)
final class RegistryCommand implements Callable<Integer> {

  @Option(
      names = "--root",
      paramLabel = "DIR",
      description = "Where images are kept (default: /var/lib/gantry-registry).")
  private Path root = Path.of("/var/lib/gantry-registry");

  @Option(
      names = "--listen",
      paramLabel = "ADDRESS:PORT",
      description = "Overrides registry_server.listen (default here: 127.0.0.1:5000).")
  private String listen;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "A gantry.toml, of which [registry_server], [registry], [images] and [log] count (default: none).")
  private Path configFile;

  @Option(
      names = "--tls-cert",
      paramLabel = "FILE",
      description = "Overrides registry_server.tls_cert.")
  private String tlsCert;

  @Option(
      names = "--tls-key",
      paramLabel = "FILE",
      description = "Overrides registry_server.tls_key.")
  private String tlsKey;

  @Option(
      names = "--htpasswd",
      paramLabel = "FILE",
      description = "Overrides registry_server.htpasswd.")
  private String htpasswd;

  @Option(names = "--read-only", description = "Overrides registry_server.read_only.")
  private boolean readOnly;

  @Option(
      names = "--upstream",
      paramLabel = "REGISTRY",
      description = "Overrides registry_server.upstream: be a cache of that registry.")
  private String upstream;

  @Option(names = "--log-level", paramLabel = "LEVEL", description = "Overrides log.level.")
  private String logLevel;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Settings settings;
    try {
      settings = read();
    } catch (ConfigException e) {
      spec.commandLine().getErr().println(e.getMessage());
      return Gantryd.BAD_CONFIGURATION;
    }
    return new RegistryProcess(root.toAbsolutePath().normalize(), settings, this::read).run();
  }

  private Settings read() throws ConfigException {
    Map<String, String> overrides = new HashMap<>();
    overrides.put("registry_server.listen", listen);
    overrides.put("registry_server.tls_cert", tlsCert);
    overrides.put("registry_server.tls_key", tlsKey);
    overrides.put("registry_server.htpasswd", htpasswd);
    overrides.put("registry_server.read_only", readOnly ? "true" : null);
    overrides.put("registry_server.upstream", upstream);
    overrides.put("log.level", logLevel);
    overrides.values().removeIf(value -> value == null);
    return configFile == null
        ? ConfigFile.ofFlags(overrides)
        : ConfigFile.read(configFile, overrides);
  }
}
