package io.gantry.cri.streaming;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.streaming.process.StreamSet;

/** What must be right in a request before a container is looked for. */
final class RequestChecks {
  private RequestChecks() {}

  static void containerId(String what, String id) {
    if (id.isEmpty()) {
      throw CriException.invalid(what + ": container_id is missing");
    }
  }

  static StreamSet streams(
      String what, boolean tty, boolean stdin, boolean stdout, boolean stderr) {
    try {
      return new StreamSet(tty, stdin, stdout, stderr);
    } catch (IllegalArgumentException e) {
      throw CriException.invalid(what + ": " + e.getMessage());
    }
  }
}
