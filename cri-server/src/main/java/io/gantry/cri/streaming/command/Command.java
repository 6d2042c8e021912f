package io.gantry.cri.streaming.command;

import io.gantry.cri.streaming.process.ProcessOutput;
import io.gantry.cri.streaming.process.ProcessSession;
import io.gantry.cri.streaming.process.SessionEnd;
import io.gantry.cri.streaming.process.StreamSet;

/**
 * What begins when the client has connected.
 *
 * @param containerId in full
 */
public record Command(Kind kind, String containerId, StreamSet streams, Start start) {

  /** What is asked for. */
  public enum Kind {
    EXEC("exec", "error executing command in container"),
    ATTACH("attach", "error attaching to container");

    private final String name;
    private final String failureWords;

    Kind(String name, String failureWords) {
      this.name = name;
      this.failureWords = failureWords;
    }

    /** What a client reads before the reason when there is no process. */
    String failureWords() {
      return failureWords;
    }

    /** The end as the client is to hear it: who attached is not told how the container ended. */
    SessionEnd told(SessionEnd end) {
      return this == ATTACH && end instanceof SessionEnd.Exited ? new SessionEnd.Detached() : end;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** Begins the exec or attach; blocks until it stands. */
  @FunctionalInterface
  public interface Start {
    ProcessSession begin(ProcessOutput output) throws Exception;
  }
}
