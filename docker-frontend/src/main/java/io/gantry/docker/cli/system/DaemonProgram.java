package io.gantry.docker.cli.system;

import io.gantry.docker.cli.command.CommandFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The daemon's program, run for what only it can do.
 *
 * @param home where bin is
 * @param caller who needs it, for messages
 */
record DaemonProgram(Path home, String caller) {
  private static final int OWN_FAULT = 125;

  /** Runs it in the place of this process, as far as anyone can see, and returns its exit code. */
  int run(List<String> words) throws IOException, InterruptedException, CommandFailure {
    Path gantryd = home.resolve("bin").resolve("gantryd");
    if (!Files.isExecutable(gantryd)) {
      throw new CommandFailure(caller + ": " + gantryd + " is not there", OWN_FAULT);
    }
    List<String> command = new ArrayList<>(List.of(gantryd.toString()));
    command.addAll(words);
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }
}
