package io.gantry.cri.daemon;

import io.gantry.cri.config.Config;
import io.gantry.cri.config.ConfigException;
import io.gantry.cri.config.ConfigFile;
import io.gantry.cri.config.LogLevel;
import io.gantry.cri.config.Settings;
import io.gantry.cri.doctor.Diagnosis;
import io.gantry.cri.doctor.Doctor;
import io.gantry.runtime.linux.Linux;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command line of gantryd. */
@Command(
    name = "gantryd",
    description = "Serves the Kubernetes container runtime interface (CRI).",
    mixinStandardHelpOptions = true,
    versionProvider = Gantryd.Version.class,
    subcommands = RegistryCommand.class)
public final class Gantryd implements Callable<Integer> {
  static final int BAD_CONFIGURATION = 2;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Configuration (default: /etc/gantry/gantry.toml).")
  private Path configFile = ConfigFile.DEFAULT_PATH;

  @Option(names = "--root", paramLabel = "DIR", description = "Overrides paths.root.")
  private String root;

  @Option(names = "--state", paramLabel = "DIR", description = "Overrides paths.state.")
  private String state;

  @Option(names = "--listen", paramLabel = "unix:///PATH", description = "Overrides server.listen.")
  private String listen;

  @Option(names = "--log-level", paramLabel = "LEVEL", description = "Overrides log.level.")
  private String logLevel;

  @Spec private CommandSpec spec;

  /**
   * Runs until told to stop; exits 0 after a clean stop, 1 when it could not start, 2 on a bad
   * configuration.
   */
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Gantryd());
  }

  @Override
  public Integer call() {
    Settings settings;
    try {
      settings = read();
    } catch (ConfigException e) {
      spec.commandLine().getErr().println(e.getMessage());
      return BAD_CONFIGURATION;
    }
    return new DaemonProcess(settings, this::read).run();
  }

  private Settings read() throws ConfigException {
    Map<String, String> overrides = new HashMap<>();
    overrides.put("paths.root", root);
    overrides.put("paths.state", state);
    overrides.put("server.listen", listen);
    overrides.put("log.level", logLevel);
    overrides.values().removeIf(value -> value == null);
    return ConfigFile.read(configFile, overrides);
  }

  /** Prints about the configuration. */
  @Command(name = "config", description = "Shows the configuration.")
  int config(
      @CommandLine.Parameters(
              paramLabel = "WHAT",
              description = "default: prints a gantry.toml with every key and its default.")
          String what) {
    PrintWriter out = spec.commandLine().getOut();
    if (!what.equals("default")) {
      spec.commandLine().getErr().println("gantryd config: unknown argument " + what);
      return CommandLine.ExitCode.USAGE;
    }
    out.print(ConfigFile.printDefaults());
    out.flush();
    return CommandLine.ExitCode.OK;
  }

  /** Tells what the machine lacks; exits 1 if pods cannot run. */
  @Command(
      name = "doctor",
      description = "Examines this machine and tells what is missing, and how to get it.")
  int doctor() {
    Config config;
    try {
      config = read().config();
    } catch (ConfigException e) {
      spec.commandLine().getErr().println(e.getMessage());
      return BAD_CONFIGURATION;
    }
    new Logging(LogLevel.ERROR);
    String searchPath = System.getenv().getOrDefault("PATH", "");
    Diagnosis diagnosis = Doctor.of(config, Linux.open(), searchPath).examine();
    diagnosis.print(spec.commandLine().getOut(), CommandLine.Help.Ansi.AUTO);
    return diagnosis.isFit() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
  }

  /**
   * Checks the images while no daemon runs; exits 1 if something is not as it should be, 3 if it
   * cannot be checked.
   */
  @Command(
      name = "fsck",
      description =
          "Verifies every blob, layer and record of the images; no daemon may be running.")
  int fsck(
      @Option(
              names = "--repair",
              description = "Sets damaged ones aside, and fetches or makes them again.")
          boolean repair) {
    Settings settings;
    try {
      settings = read();
    } catch (ConfigException e) {
      spec.commandLine().getErr().println(e.getMessage());
      return BAD_CONFIGURATION;
    }
    new Logging(LogLevel.ERROR);
    return new OfflineCheck(settings, spec.commandLine()).run(repair);
  }

  /** Tells picocli the version that the build wrote into the jar's manifest. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"gantryd " + Release.version()};
    }
  }
}
