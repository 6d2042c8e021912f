package io.gantry.runtime.shim;

import io.gantry.proto.shim.v1.AttachStart;
import io.gantry.proto.shim.v1.StreamInput;
import io.gantry.runtime.shim.ProcessState.Exited;
import io.gantry.runtime.stdio.OutputWatcher;
import io.gantry.runtime.stdio.ProcessIo;
import io.gantry.runtime.ttrpc.ServerCall;
import io.gantry.runtime.ttrpc.TtrpcCode;
import io.gantry.runtime.ttrpc.TtrpcException;
import java.io.IOException;

/**
 * A client at the streams of a container's first process. Its output is shown beside the log, which
 * nobody's reading can hold up: what the client has not read yet is kept, up to a limit. A client
 * that falls behind further is detached, told so after all that was kept; what it has read until
 * then lacks nothing. The alternative, to leave something out and go on, would not be seen in the
 * middle of what is read by programs.
 *
 * <p>A client that comes before the program is started is its user, for whom it is run: what that
 * one does not read holds the output up, as a pipe would.
 */
final class AttachSession implements ServerCall.Receiver<StreamInput>, OutputWatcher, Runnable {
  /** For one client; its socket holds some 200 KiB more. */
  static final int BACKLOG_BYTES = 256 << 10;

  /** How long the end of a program waits for such a client to read the rest. */
  private static final int LAST_OUTPUT_SECONDS = 60;

  private static final int LOOK_AGAIN_MILLIS = 200;

  /** For all clients of a shim. */
  static final int ALL_BACKLOGS_BYTES = 2 << 20;

  private final ServerCall call;
  private final SessionClient client;
  private final Surroundings around;
  private final Task task;
  private final ProcessIo io;
  private final AttachStart wanted;
  private final boolean lossless;

  private final Object lock = new Object();
  private final OutputBacklog backlog; // guarded by lock
  private boolean sending = true; // guarded by lock: someone sends the backlog and its end
  private boolean behind; // guarded by lock: no more fitted
  private boolean over; // guarded by lock: nothing more is to be sent
  private Exited exited; // guarded by lock; null before

  private AttachSession(
      ServerCall call,
      SessionClient client,
      Surroundings around,
      Task task,
      AttachStart wanted,
      OutputBudget budget) {
    this.call = call;
    this.client = client;
    this.around = around;
    this.task = task;
    this.io = task.init().io();
    this.wanted = wanted;
    this.lossless = task.init().state() instanceof ProcessState.Created;
    this.backlog = new OutputBacklog(BACKLOG_BYTES, budget);
  }

  static void serve(Tasks tasks, ServerCall call, Surroundings around, OutputBudget budget)
      throws Exception {
    SessionClient client = new SessionClient(call, around.executor());
    StreamInput first = client.first();
    if (!first.hasAttach()) {
      throw new TtrpcException(
          TtrpcCode.INVALID_ARGUMENT,
          "AttachStream: the first message does not say what to attach to");
    }
    Task task = tasks.get(first.getAttach().getId());
    if (task.init().state() instanceof Exited) {
      throw Failures.wrongState("attach to " + task.init().name() + ": it has ended");
    }
    new AttachSession(call, client, around, task, first.getAttach(), budget).start();
  }

  private void start() throws IOException {
    if (wanted.getStdout() || wanted.getStderr()) {
      if (lossless) {
        task.init().drainWithin(LAST_OUTPUT_SECONDS);
      }
      io.watch(this);
    }
    call.whenAborted(this::detach);
    client.started(task.init().pid());
    task.init().exit().whenComplete((end, failure) -> containerEnded(end));
    call.receive(StreamInput.parser(), this);
    run();
  }

  @Override
  public void output(boolean stderr, byte[] bytes, int offset, int length) {
    if (stderr ? !wanted.getStderr() : !wanted.getStdout()) {
      return;
    }
    synchronized (lock) {
      if (over || behind) {
        return;
      }
      boolean kept = backlog.add(stderr, bytes, offset, length);
      while (!kept && lossless && !over) {
        // Also now and then: others may have what there is for all clients.
        waitForRoom();
        kept = !over && backlog.add(stderr, bytes, offset, length);
      }
      behind = !kept && !over;
      beginSending();
    }
  }

  /** Called with the lock held, on the thread that copies the output. */
  private void waitForRoom() {
    try {
      lock.wait(LOOK_AGAIN_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      over = true;
    }
  }

  private void containerEnded(Exited end) {
    synchronized (lock) {
      exited = end;
      beginSending();
    }
  }

  /** Called with the lock held. */
  private void beginSending() {
    if (!sending && !over) {
      sending = true;
      around.executor().execute(this);
    }
  }

  /** Sends the backlog, and how it ended if it has; holds a thread only so long. */
  @Override
  public void run() {
    try {
      OutputBacklog.Chunk chunk = next();
      while (chunk != null) {
        client.output(chunk.isStderr(), chunk.bytes(), 0, chunk.length());
        chunk = next();
      }
    } catch (IOException e) {
      // The client is gone: whenAborted says the rest.
    }
  }

  /** The next output to send; null when there is none, for now or for ever. */
  private OutputBacklog.Chunk next() {
    boolean late;
    Exited end;
    synchronized (lock) {
      OutputBacklog.Chunk chunk = over ? null : backlog.poll();
      if (chunk != null) {
        lock.notifyAll();
        return chunk;
      }
      sending = false;
      if (over || (!behind && exited == null)) {
        return null;
      }
      over = true;
      late = behind;
      end = exited;
    }
    if (late) {
      call.abort(
          new TtrpcException(
              TtrpcCode.RESOURCE_EXHAUSTED,
              "attach to container "
                  + task.id()
                  + ": detached, because output came faster than it was read; all before this was"
                  + " passed on, and the container's log has the rest"));
    } else {
      io.unwatch(this);
      client.exited(end);
    }
    return null;
  }

  @Override
  public void message(StreamInput input) throws IOException {
    switch (input.getInputCase()) {
      case STDIN -> client.input(input.getStdin(), wanted.getStdin() ? io : null);
      case STDIN_CLOSED -> finished();
      case RESIZE -> SessionClient.resize(input.getResize(), io);
      default ->
          throw new TtrpcException(
              TtrpcCode.INVALID_ARGUMENT, "AttachStream: only the first message can attach");
    }
  }

  /**
   * The client will send no more input, but may still read. Who came for nothing but to send it has
   * no more to stay for.
   */
  @Override
  public void finished() {
    endInput();
    if (!wanted.getStdout() && !wanted.getStderr()) {
      synchronized (lock) {
        over = true;
      }
      call.finish();
    }
  }

  private void endInput() {
    if (wanted.getStdin() && io.isInputForOne()) {
      io.closeStdin();
    }
  }

  /** The container goes on without this client. */
  private void detach() {
    io.unwatch(this);
    synchronized (lock) {
      over = true;
      lock.notifyAll();
      backlog.clear();
    }
    endInput();
  }
}
