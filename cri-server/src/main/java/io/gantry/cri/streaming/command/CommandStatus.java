package io.gantry.cri.streaming.command;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.cri.streaming.process.SessionEnd;
import java.util.Optional;

/** How a session's end is told on the error stream. */
enum CommandStatus {
  /** Words for a failure, nothing for success: before version 4 of the protocol. */
  WORDS {
    @Override
    Optional<String> tell(SessionEnd end, String failureWords) {
      if (end instanceof SessionEnd.Exited exited && exited.code() != 0) {
        return Optional.of(exitWords(exited.code()));
      }
      return end instanceof SessionEnd.Failed failed
          ? Optional.of(internalError(failureWords, failed))
          : Optional.empty();
    }
  },

  /** Always one JSON object, of Kubernetes' type Status. */
  JSON {
    @Override
    Optional<String> tell(SessionEnd end, String failureWords) {
      ObjectNode status = JsonNodeFactory.instance.objectNode();
      if (end instanceof SessionEnd.Failed failed) {
        status
            .put("status", "Failure")
            .put("message", internalError(failureWords, failed))
            .put("reason", "InternalError")
            .put("code", 500);
      } else if (end instanceof SessionEnd.Exited exited && exited.code() != 0) {
        status
            .put("status", "Failure")
            .put("message", exitWords(exited.code()))
            .put("reason", "NonZeroExitCode")
            .putObject("details")
            .putArray("causes")
            .addObject()
            .put("reason", "ExitCode")
            .put("message", Integer.toString(exited.code()));
      } else {
        status.put("status", "Success");
      }
      return Optional.of(status.toString());
    }
  };

  /** What goes to the client; empty for nothing. */
  abstract Optional<String> tell(SessionEnd end, String failureWords);

  private static String exitWords(int code) {
    return "command terminated with non-zero exit code: " + code;
  }

  private static String internalError(String failureWords, SessionEnd.Failed failed) {
    return "Internal error occurred: " + failureWords + ": " + failed.message();
  }
}
