package io.gantry.runtime.stdio;

import static io.gantry.runtime.linux.FileFlags.O_APPEND;
import static io.gantry.runtime.linux.FileFlags.O_CREAT;
import static io.gantry.runtime.linux.FileFlags.O_NONBLOCK;
import static io.gantry.runtime.linux.FileFlags.O_RDWR;
import static io.gantry.runtime.linux.FileFlags.O_WRONLY;

import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
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
  private Fd stdinWriter; // guarded by lock; null without a pipe
  private InputPump inputPump; // guarded by lock; null without a FIFO
  private CriLog log; // guarded by lock; null without one
  private OutputSink terminalSink; // guarded by lock; until the console is there
  private Fd console; // guarded by lock; null without one
  private boolean running; // guarded by lock
  private boolean closed; // guarded by lock

  private ProcessIo(
      Linux linux, Executor executor, Consumer<String> report, StdioUri stdin, boolean terminal) {
    this.linux = linux;
    this.executor = executor;
    this.report = report;
    this.stdin = stdin;
    this.terminal = terminal;
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
   * Stdio of a command whose output is taken by {@code out} and {@code err} and which reads
   * nothing.
   */
  public static ProcessIo capture(
      Linux linux, OutputSink out, OutputSink err, Executor executor, Consumer<String> report)
      throws IOException {
    ProcessIo io = new ProcessIo(linux, executor, report, new StdioUri.Nowhere(), false);
    try {
      synchronized (io.lock) {
        OutputPump pump = io.newPump();
        Fd in = io.childSide(linux.files().open(Fd.CWD, NULL_DEVICE.toString(), O_RDWR, 0));
        io.childEnds =
            Optional.of(
                new ChildEnds(
                    in.number(), io.pipeTo(pump, out).number(), io.pipeTo(pump, err).number()));
      }
      return io;
    } catch (IOException | RuntimeException e) {
      io.close();
      throw e;
    }
  }

  private void openAll(StdioRequest request) throws IOException {
    if (terminal) {
      OutputPump pump = newPump();
      terminalSink =
          request.stdout() instanceof StdioUri.Nowhere
              ? new Discard()
              : sink(request.stdout(), "stdout", pump);
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

  private Fd input() throws IOException {
    if (stdin instanceof StdioUri.Nowhere) {
      return childSide(linux.files().open(Fd.CWD, NULL_DEVICE.toString(), O_RDWR, 0));
    }
    Pipe pipe = linux.files().pipe2(0);
    stdinWriter = pipe.writeEnd();
    Fd reader = childSide(pipe.readEnd());
    if (stdin instanceof StdioUri.FifoOrFile fifo) {
      inputPump = new InputPump(linux, fifo.path(), stdinWriter, report);
    } else if (!(stdin instanceof StdioUri.HeldOpen)) {
      throw new IOException("stdin " + stdin + ": only output can go there");
    }
    return reader;
  }

  private Fd output(StdioUri uri, String stream, OutputPump shared) throws IOException {
    if (uri instanceof StdioUri.Nowhere) {
      return childSide(linux.files().open(Fd.CWD, NULL_DEVICE.toString(), O_RDWR, 0));
    }
    OutputPump pump = shared == null ? newPump() : shared;
    return pipeTo(pump, sink(uri, stream, pump));
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

  private OutputSink sink(StdioUri uri, String stream, OutputPump pump) throws IOException {
    if (uri instanceof StdioUri.CriLogFile file) {
      if (log == null) {
        log = CriLog.open(linux.files(), file.path(), file.partBytes());
      }
      return log.stream(stream);
    }
    if (uri instanceof StdioUri.AppendedFile file) {
      java.nio.file.Files.createDirectories(file.path().getParent());
      Fd fd =
          linux.files().open(Fd.CWD, file.path().toString(), O_WRONLY | O_APPEND | O_CREAT, 0644);
      return new FdSink(linux, fd, pump.stopEvent());
    }
    if (uri instanceof StdioUri.FifoOrFile path) {
      return new FdSink(linux, openFifoOrFile(path.path()), pump.stopEvent());
    }
    throw new IOException(stream + " " + uri + ": only input can come from there");
  }

  private Fd openFifoOrFile(Path path) throws LinuxException {
    int kind = linux.files().stat(Fd.CWD, path.toString(), 0).mode() & FileFlags.S_IFMT;
    // Opened for both directions a FIFO keeps a reader, so that a lost one is neither an error nor
    // a signal (fifo(7)).
    int flags = kind == FileFlags.S_IFIFO ? O_RDWR | O_NONBLOCK : O_WRONLY | O_APPEND;
    return linux.files().open(Fd.CWD, path.toString(), flags, 0);
  }

  /** What the process gets; empty means a terminal. */
  public Optional<ChildEnds> childEnds() {
    synchronized (lock) {
      return childEnds;
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
    pumps.get(0).add(linux.files().duplicate(master), terminalSink);
    terminalSink = null;
    if (stdin instanceof StdioUri.FifoOrFile fifo) {
      inputPump = new InputPump(linux, fifo.path(), linux.files().duplicate(master), report);
    }
  }

  /** The process has ended; completes when all it wrote before has reached its sinks. */
  public CompletableFuture<Void> exited() {
    List<CompletableFuture<Void>> drained = new ArrayList<>(2);
    synchronized (lock) {
      if (inputPump != null) {
        inputPump.close();
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

  /** Ends the process's standard input after what is on its way. */
  public void closeStdin() {
    synchronized (lock) {
      if (inputPump != null) {
        inputPump.finish();
      } else {
        closeWriter();
      }
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
    CriLog current;
    synchronized (lock) {
      current = log;
    }
    if (current != null) {
      current.reopen();
    }
  }

  /** Tells the terminal its size; without a terminal there is nothing to tell. */
  public void resize(int columns, int rows) throws LinuxException {
    synchronized (lock) {
      if (console != null && !console.isClosed()) {
        linux.terminals().setWindowSize(console, new Terminals.WindowSize(columns, rows));
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

  /** A terminal whose output nobody wants: it is read all the same, or the process would block. */
  private static final class Discard implements OutputSink {
    @Override
    public void write(byte[] bytes, int offset, int length) {}

    @Override
    public void close() {}
  }
}
