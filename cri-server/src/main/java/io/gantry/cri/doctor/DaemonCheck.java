package io.gantry.cri.doctor;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Whether a daemon listens. It need not, for the machine to be fit. */
final class DaemonCheck implements Check {
  private static final String SUBJECT = "daemon";

  private final Path socket;

  DaemonCheck(Path socket) {
    this.socket = socket;
  }

  @Override
  public List<Finding> examine() {
    if (!Files.exists(socket)) {
      return List.of(Finding.advice(SUBJECT, "nothing listens on " + socket, "start gantryd"));
    }
    try {
      SocketChannel.open(UnixDomainSocketAddress.of(socket)).close();
      return List.of(Finding.fine(SUBJECT, "listens on " + socket));
    } catch (IOException e) {
      return List.of(
          Finding.advice(
              SUBJECT,
              "%s does not answer: %s".formatted(socket, e.getMessage()),
              "start gantryd"));
    }
  }
}
