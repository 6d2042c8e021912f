package io.gantry.docker.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A registry of one's own. */
@Command(name = "registry", description = "Serves images to others.")
final class RegistryCommand implements Runnable {
  private final Installation installation;

  @Spec private CommandSpec spec;

  RegistryCommand(Installation installation) {
    this.installation = installation;
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /**
   * Serves until it is stopped. The launcher bin/gantry does the same without coming here, so that
   * the server takes its place and gets its signals.
   */
  @Command(
      name = "serve",
      description = "Serves a registry, without the daemon; serve --help shows its options.")
  int serve(
      @Parameters(arity = "0..*", paramLabel = "OPTION", description = "See serve --help.")
          List<String> options)
      throws IOException, InterruptedException {
    Path gantryd = installation.gantryd();
    if (!Files.isExecutable(gantryd)) {
      CommandLine line = spec.commandLine();
      line.getErr().println("gantry registry serve: " + gantryd + " is not there");
      return Gantry.OWN_FAULT;
    }
    List<String> command = new ArrayList<>(List.of(gantryd.toString(), "registry"));
    command.addAll(options == null ? List.of() : options);
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }
}
