package io.gantry.runtime.stdio;

import static io.gantry.runtime.linux.FileFlags.O_RDWR;

import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.Pipe;
import io.gantry.runtime.linux.Terminals;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * The stdio of one process from before its start to after its end. Life: {@link #open} → give
 * {@link #childEnds} to the process → {@link #started} → {@link #exited} → {@link #close}; close is
 * right at any point. Thread-safe.
 */
public final class ProcessIo implements AutoCloseable {
  private static final Path NULL_DEVICE = Path.of("/dev/null");

  /**
   * The descriptors for the process; open until {@link #started} or {@link #close}. Absent with a
   * terminal.
   */
  public record ChildEnds(int stdin, int stdout, int stderr) {}

  private final Linux linux;
  private final Executor executor;
  private final Consumer<String> report;
  private final StdioUri stdin;
  private final boolean terminal;
  private final Object lock = new Object();
  private final List<Fd> childFds = new ArrayList<>(3); // guarded by lock
  private final List<OutputPump> pumps = new ArrayList<>(2); // guarded by lock
  private Optional<ChildEnds> childEnds = Optional.empty(); // guarded by lock
  private final Watchers watchers = new Watchers();
  private final OutputTargets targets;
  private Fd stdinWriter; // guarded by lock; null without a pipe that a FIFO is copied to
  private InputPump inputPump; // guarded by lock; null without a FIFO
  private InputWriter inputWriter; // guarded by lock; null unless input is held open
  private OutputSink terminalSink; // guarded by lock; until the console is there
  private Fd console; // guarded by lock; null without one
  private Terminals.WindowSize earlySize; // guarded by lock; null unless told before the console
  private FarEnd farEnd; // guarded by lock; null if the process is given the ends itself
  private boolean running; // guarded by lock
  private boolean closed; // guarded by lock

  private ProcessIo(
      Linux linux, Executor executor, Consumer<String> report, StdioUri stdin, boolean terminal) {
    this.linux = linux;
    this.executor = executor;
    this.report = report;
    this.stdin = stdin;
    this.terminal = terminal;
    this.targets = new OutputTargets(linux);
  }

  /**
   * Opens everything a request names.
   *
   * @param executor runs the copying, a thread per pump; must not be bounded
   * @param report told, in words, when input or output is lost later on
   * @throws IOException when a FIFO or file cannot be opened; nothing stays open then
   */
  public static ProcessIo open(
      Linux linux, StdioRequest request, Executor executor, Consumer<String> report)
      throws IOException {
    ProcessIo io = new ProcessIo(linux, executor, report, request.stdin(), request.terminal());
    try {
      synchronized (io.lock) {
        io.openAll(request);
      }
      return io;
    } catch (IOException | RuntimeException e) {
      io.close();
      throw e;
    }
  }

  /**
   * Stdio of a command whose output is taken by {@code out} and {@code err}, both written to by the
   * same thread.
   *
   * @param input whether it is sent input ({@link #sendInput}); else it finds the end at once
   * @param out null if nobody wants it
   * @param err null if nobody wants it; never used with a terminal
   */
  public static ProcessIo session(
      Linux linux,
      boolean input,
      OutputSink out,
      OutputSink err,
      boolean terminal,
      Executor executor,
      Consumer<String> report)
      throws IOException {
    StdioUri stdin = input ? new StdioUri.HeldOpen(false) : new StdioUri.Nowhere();
    ProcessIo io = new ProcessIo(linux, executor, report, stdin, terminal);
    try {
      synchronized (io.lock) {
        io.openSession(out, err);
      }
      return io;
    } catch (IOException | RuntimeException e) {
      io.close();
      throw e;
    }
  }

  private void openSession(OutputSink out, OutputSink err) throws IOException {
    if (terminal) {
      newPump();
      holdInput();
      terminalSink = out == null ? new OutputTargets.Discard() : out;
      return;
    }
    OutputPump pump = out == null && err == null ? null : newPump();
    Fd childOut = out == null ? nullDevice() : pipeTo(pump, out);
    Fd childErr = err == null ? nullDevice() : pipeTo(pump, err);
    childEnds = Optional.of(new ChildEnds(input().number(), childOut.number(), childErr.number()));
  }

  private Fd nullDevice() throws LinuxException {
    return childSide(linux.files().open(Fd.CWD, NULL_DEVICE.toString(), O_RDWR, 0));
  }

  private void openAll(StdioRequest request) throws IOException {
    if (terminal) {
      OutputPump pump = newPump();
      holdInput();
      OutputSink sink = targets.open(request.stdout(), "stdout", pump.stopEvent());
      terminalSink = watchers.before(sink, false);
      return;
    }
    boolean sharedFile = request.stdout() instanceof StdioUri.CriLogFile && request.isOneOutput();
    // Two FIFOs have two readers, and a slow one must not hold the other up; one file needs but one
    // thread.
    Fd out = output(request.stdout(), "stdout", sharedFile ? newPump() : null);
    Fd err = output(request.stderr(), "stderr", sharedFile ? pumps.get(0) : null);
    childEnds = Optional.of(new ChildEnds(input().number(), out.number(), err.number()));
  }

  private OutputPump newPump() throws LinuxException {
    OutputPump pump = new OutputPump(linux, report);
    pumps.add(pump);
    return pump;
  }

  private Fd childSide(Fd file) {
    childFds.add(file);
    return file;
  }

  /** Makes room for what is typed before there is a terminal. */
  private void holdInput() {
    if (stdin instanceof StdioUri.HeldOpen && inputWriter == null) {
      inputWriter = new InputWriter(linux, executor, report);
    }
  }

  private Fd input() throws IOException {
    if (stdin instanceof StdioUri.Nowhere) {
      return nullDevice();
    }
    Pipe pipe = linux.files().pipe2(0);
    stdinWriter = pipe.writeEnd();
    Fd reader = childSide(pipe.readEnd());
    if (stdin instanceof StdioUri.FifoOrFile fifo) {
      inputPump = new InputPump(linux, fifo.path(), stdinWriter, report);
    } else if (stdin instanceof StdioUri.HeldOpen) {
      holdInput();
      Fd writer = stdinWriter;
      stdinWriter = null;
      inputWriter.open(writer);
    } else {
      throw new IOException("stdin " + stdin + ": only output can go there");
    }
    return reader;
  }

  private Fd output(StdioUri uri, String stream, OutputPump shared) throws IOException {
    if (uri instanceof StdioUri.Nowhere) {
      return nullDevice();
    }
    OutputPump pump = shared == null ? newPump() : shared;
    OutputSink sink = targets.open(uri, stream, pump.stopEvent());
    return pipeTo(pump, watchers.before(sink, stream.equals("stderr")));
  }

  private Fd pipeTo(OutputPump pump, OutputSink sink) throws LinuxException {
    try {
      Pipe pipe = linux.files().pipe2(0);
      Fd child = childSide(pipe.writeEnd());
      pump.add(pipe.readEnd(), sink);
      return child;
    } catch (LinuxException e) {
      sink.close();
      throw e;
    }
  }

  /** What the process gets; empty means a terminal. */
  public Optional<ChildEnds> childEnds() {
    synchronized (lock) {
      return childEnds;
    }
  }

  /**
   * Makes pipes of a terminal: the process has its terminal from somebody else, who copies between
   * that and these. To be called before {@link #childEnds}; without a terminal it does nothing.
   */
  public void leaveTerminal() throws IOException {
    synchronized (lock) {
      if (terminal && childEnds.isEmpty()) {
        Fd out = pipeTo(pumps.get(0), terminalSink);
        terminalSink = null;
        childEnds =
            Optional.of(new ChildEnds(input().number(), out.number(), nullDevice().number()));
      }
    }
  }

  /** Who has the other ends of the process's terminal and input. Calls may block for a while. */
  public interface FarEnd {
    void resize(int columns, int rows) throws IOException;

    void closeStdin() throws IOException;
  }

  /** To be told before {@link #started}. */
  public void through(FarEnd between) {
    synchronized (lock) {
      farEnd = between;
    }
  }

  /**
   * The process runs: copying begins.
   *
   * @param master the terminal's other end, owned from now on; empty without a terminal
   */
  public void started(Optional<Fd> master) throws IOException {
    synchronized (lock) {
      childFds.forEach(Fd::close);
      running = true;
      if (master.isPresent()) {
        startConsole(master.get());
      }
      for (OutputPump pump : pumps) {
        pump.start(executor);
      }
      if (inputPump != null) {
        executor.execute(inputPump);
      }
    }
  }

  private void startConsole(Fd master) throws IOException {
    console = master;
    if (earlySize != null) {
      linux.terminals().setWindowSize(master, earlySize);
    }
    pumps.get(0).add(linux.files().duplicate(master), terminalSink);
    terminalSink = null;
    if (stdin instanceof StdioUri.FifoOrFile fifo) {
      inputPump = new InputPump(linux, fifo.path(), linux.files().duplicate(master), report);
    } else if (inputWriter != null) {
      inputWriter.open(linux.files().duplicate(master));
    }
  }

  /** The process has ended; completes when all it wrote before has reached its sinks. */
  public CompletableFuture<Void> exited() {
    List<CompletableFuture<Void>> drained = new ArrayList<>(2);
    synchronized (lock) {
      if (inputPump != null) {
        inputPump.close();
      }
      if (inputWriter != null) {
        inputWriter.close();
      }
      closeWriter();
      for (OutputPump pump : pumps) {
        drained.add(running ? pump.exited() : CompletableFuture.completedFuture(null));
      }
    }
    return CompletableFuture.allOf(drained.toArray(new CompletableFuture<?>[0]));
  }

  /**
   * Completes when no process can write any more: all have closed their ends, not just the one that
   * has ended.
   */
  public CompletableFuture<Void> outputEnded() {
    synchronized (lock) {
      return CompletableFuture.allOf(
          pumps.stream().map(OutputPump::ended).toArray(CompletableFuture<?>[]::new));
    }
  }

  /**
   * Sends input to a process whose input is held open. Never blocks.
   *
   * @param bytes left alone by the caller from now on
   * @param taken told once the process has the bytes or will never have them, on another thread
   * @return false if the process has no such input, or no longer: nothing is told then
   */
  public boolean sendInput(byte[] bytes, Runnable taken) {
    InputWriter writer;
    synchronized (lock) {
      writer = inputWriter;
    }
    return writer != null && writer.write(bytes, taken);
  }

  /** Whether the first client to send input also ends it, by going. */
  public boolean isInputForOne() {
    return stdin instanceof StdioUri.HeldOpen held && held.once() && !terminal;
  }

  public boolean isTerminal() {
    return terminal;
  }

  /** Shows what the process prints from now on; nothing is shown of output that goes nowhere. */
  public void watch(OutputWatcher watcher) {
    watchers.add(watcher);
  }

  public void unwatch(OutputWatcher watcher) {
    watchers.remove(watcher);
  }

  /**
   * Ends the process's standard input after what is on its way. A terminal stays: its end would be
   * a hang-up.
   */
  public void closeStdin() {
    synchronized (lock) {
      if (inputPump != null) {
        inputPump.finish();
      } else if (inputWriter != null && !terminal) {
        inputWriter.finish();
      } else {
        closeWriter();
      }
      if (farEnd != null && !terminal) {
        FarEnd between = farEnd;
        executor.execute(() -> closeStdin(between));
      }
    }
  }

  private void closeStdin(FarEnd between) {
    try {
      between.closeStdin();
    } catch (IOException e) {
      report.accept("close stdin: " + e.getMessage());
    }
  }

  private void closeWriter() {
    // With a FIFO the pump's thread closes the pipe: closing under its hands could hit another
    // file's number.
    if (stdinWriter != null && (inputPump == null || !running)) {
      stdinWriter.close();
    }
  }

  /** Opens the CRI log anew; does nothing without one. */
  public void reopenLog() throws IOException {
    targets.reopenLog();
  }

  /**
   * Tells the terminal its size, as soon as there is one; without a terminal there is nothing to
   * tell.
   */
  public void resize(int columns, int rows) throws IOException {
    FarEnd between;
    synchronized (lock) {
      between = farEnd;
    }
    if (between != null && terminal) {
      between.resize(columns, rows);
      return;
    }
    synchronized (lock) {
      Terminals.WindowSize size = new Terminals.WindowSize(columns, rows);
      if (console == null) {
        earlySize = size;
      } else if (!console.isClosed()) {
        linux.terminals().setWindowSize(console, size);
      }
    }
  }

  /** Ends all copying and frees every descriptor; output not yet copied is lost. */
  @Override
  public void close() {
    synchronized (lock) {
      if (closed) {
        return;
      }
      closed = true;
      childFds.forEach(Fd::close);
      if (inputPump != null) {
        inputPump.close();
        if (!running) {
          inputPump.run();
        }
      }
      if (inputWriter != null) {
        inputWriter.close();
      }
      closeWriter();
      pumps.forEach(OutputPump::stop);
      if (!running) {
        // Never started: the pumps hold descriptors all the same, and running them, stopped, frees
        // these.
        pumps.forEach(OutputPump::run);
        if (terminalSink != null) {
          terminalSink.close();
        }
      }
      if (console != null) {
        console.close();
      }
    }
  }
}
