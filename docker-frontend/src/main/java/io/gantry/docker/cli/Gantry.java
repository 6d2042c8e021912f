package io.gantry.docker.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * The command line of gantry: docker's commands by their names. Those that are not built say what
 * to use in their place.
 */
@Command(
    name = "gantry",
    description = "Works with containers on this machine, in the way of docker.",
    mixinStandardHelpOptions = true,
    versionProvider = Gantry.Version.class,
    subcommands = {VersionCommand.class, SystemCommand.class, RegistryCommand.class})
public final class Gantry implements Runnable {
  /** What docker exits with when the fault is its own or the daemon's, not the container's. */
  static final int OWN_FAULT = 125;

  @Spec private CommandSpec spec;

  /** Exits 0 after success and 125 when the command could not be carried out. */
  public static void main(String[] arguments) {
    System.exit(commandLine(Installation.ofThisProgram()).execute(arguments));
  }

  static CommandLine commandLine(Installation installation) {
    CommandLine line = new CommandLine(new Gantry(), new Parts(installation));
    for (NotBuilt command : NotBuilt.ALL) {
      line.addSubcommand(command.name(), command.commandLine());
    }
    // Its options are the server's to know.
    line.getSubcommands()
        .get("registry")
        .getSubcommands()
        .get("serve")
        .setUnmatchedOptionsArePositionalParams(true);
    setExitCodes(line);
    return line;
  }

  private static void setExitCodes(CommandLine line) {
    line.getCommandSpec().exitCodeOnInvalidInput(OWN_FAULT).exitCodeOnExecutionException(OWN_FAULT);
    line.getSubcommands().values().forEach(Gantry::setExitCodes);
  }

  /** Without a command there is nothing to do but to show which there are. */
  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /** Makes those commands that need to know where gantry is installed. */
  private record Parts(Installation installation) implements CommandLine.IFactory {
    @Override
    public <K> K create(Class<K> type) throws Exception {
      if (type == SystemCommand.class) {
        return type.cast(new SystemCommand(installation));
      }
      if (type == CheckCommand.class) {
        return type.cast(new CheckCommand(installation));
      }
      return type == RegistryCommand.class
          ? type.cast(new RegistryCommand(installation))
          : CommandLine.defaultFactory().create(type);
    }
  }

  /** Tells picocli the version that the build wrote. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"gantry " + Installation.version()};
    }
  }
}
