package io.gantry.docker.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What concerns the machine as a whole. */
@Command(
    name = "system",
    description = "Looks after this machine.",
    subcommands = CheckCommand.class)
final class SystemCommand implements Runnable {
  private final Installation installation;

  @Spec private CommandSpec spec;

  SystemCommand(Installation installation) {
    this.installation = installation;
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /**
   * Has gantryd examine the machine: only the daemon's side knows Linux and the configuration.
   *
   * @return 0 if pods can run, 1 if not, 2 if the configuration is bad
   */
  @Command(
      name = "doctor",
      description = "Examines this machine and tells what is missing, and how to get it.")
  int doctor(
      @Option(
              names = "--config",
              paramLabel = "FILE",
              description = "The daemon's configuration (default: /etc/gantry/gantry.toml).")
          Path config)
      throws IOException, InterruptedException {
    Path gantryd = installation.gantryd();
    if (!Files.isExecutable(gantryd)) {
      CommandLine line = spec.commandLine();
      line.getErr().println("gantry system doctor: " + gantryd + " is not there");
      return Gantry.OWN_FAULT;
    }
    List<String> command = new ArrayList<>(List.of(gantryd.toString()));
    if (config != null) {
      command.addAll(List.of("--config", config.toString()));
    }
    command.add("doctor");
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }
}
