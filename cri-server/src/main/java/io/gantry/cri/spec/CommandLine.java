package io.gantry.cri.spec;

import io.gantry.cri.grpc.CriException;
import java.util.ArrayList;
import java.util.List;

/** How the request's command and arguments combine with the image's entrypoint and command. */
final class CommandLine {
  private CommandLine() {}

  /**
   * The argument vector. A command of the request replaces entrypoint and command of the image;
   * arguments alone replace only the image's command. This is what {@code command} and {@code args}
   * of a Kubernetes container mean.
   *
   * @throws CriException if nothing names a program
   */
  static List<String> of(
      List<String> command, List<String> args, List<String> entrypoint, List<String> imageCommand) {
    List<String> line = new ArrayList<>();
    if (!command.isEmpty()) {
      line.addAll(command);
      line.addAll(args);
    } else {
      line.addAll(entrypoint);
      line.addAll(args.isEmpty() ? imageCommand : args);
    }
    if (line.isEmpty() || line.get(0).isEmpty()) {
      throw CriException.invalid(
          "no command specified: neither the request nor the image names a program to run");
    }
    return List.copyOf(line);
  }
}
