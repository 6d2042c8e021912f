package io.gantry.runtime.shim;

import io.gantry.proto.tasktypes.Status;
import io.gantry.runtime.container.StartedProcess;
import java.time.Instant;

/** Where a process is in its life; each state holds only what exists in it. */
sealed interface ProcessState {
  /** The Task API's word for it. */
  Status status();

  /** For messages: "is created", "is running". */
  String words();

  /** Prepared, without a process in the kernel. */
  record Created() implements ProcessState {
    @Override
    public Status status() {
      return Status.CREATED;
    }

    @Override
    public String words() {
      return "is created but not started";
    }
  }

  /** Between asking for its start and having it; a kill must wait for what comes out. */
  record Starting() implements ProcessState {
    @Override
    public Status status() {
      return Status.CREATED;
    }

    @Override
    public String words() {
      return "is being started";
    }
  }

  /**
   * @param process what was started; a child's pidfd is closed by whoever moves the process on to
   *     {@link Exited}
   */
  record Running(StartedProcess process) implements ProcessState {
    int pid() {
      return process.pid();
    }

    @Override
    public Status status() {
      return Status.RUNNING;
    }

    @Override
    public String words() {
      return "is running";
    }
  }

  /**
   * Ended, or never to be started any more.
   *
   * @param pid 0 when it never ran
   * @param code 0-255, 128 + n for signal n
   */
  record Exited(int pid, int code, Instant at) implements ProcessState {
    @Override
    public Status status() {
      return Status.STOPPED;
    }

    @Override
    public String words() {
      return "has ended";
    }
  }
}
