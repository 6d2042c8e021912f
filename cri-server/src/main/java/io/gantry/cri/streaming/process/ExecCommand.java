package io.gantry.cri.streaming.process;

import java.util.List;

/**
 * A process asked for by a client. With {@code tty} there is no stderr.
 *
 * @param containerId in full
 * @param command the program and its arguments, at least one
 * @param streams which streams the client wants
 */
public record ExecCommand(String containerId, List<String> command, StreamSet streams) {
  public ExecCommand {
    command = List.copyOf(command);
  }
}
