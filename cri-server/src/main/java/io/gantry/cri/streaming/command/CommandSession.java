package io.gantry.cri.streaming.command;

import io.gantry.cri.streaming.connection.ClientConnection;
import io.gantry.cri.streaming.process.ProcessOutput;
import io.gantry.cri.streaming.process.ProcessSession;
import io.gantry.cri.streaming.process.SessionEnd;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One exec or attach of one client, from the moment when its streams stand. Output comes on the
 * process's thread; all else is confined to the connection's event loop.
 */
final class CommandSession {
  private static final Logger log = LoggerFactory.getLogger(CommandSession.class);
  private static final int MAX_WRITE_BYTES = 64 * 1024;

  private final Command command;
  private final String protocol;
  private final CommandClient client;
  private final ClientConnection connection;
  private final Executor work;
  private final StdinQueue stdin;
  private final TerminalSizes sizes = new TerminalSizes();
  private Optional<TerminalSizes.Size> size = Optional.empty();
  private ProcessSession process; // null before it stands
  private boolean over;
  private long beganNanos;

  /**
   * @param protocol its name, for the log
   * @param work runs what blocks
   */
  CommandSession(
      Command command,
      String protocol,
      CommandClient client,
      ClientConnection connection,
      Executor work) {
    this.command = command;
    this.protocol = protocol;
    this.client = client;
    this.connection = connection;
    this.work = work;
    this.stdin = new StdinQueue(connection.loop(), connection::reading);
  }

  void begin() {
    beganNanos = System.nanoTime();
    log.atInfo()
        .addKeyValue("container", command.containerId())
        .addKeyValue("protocol", protocol)
        .addKeyValue("tty", command.streams().tty())
        .log(command.kind() + " begins");
    work.execute(this::start);
  }

  /** On a thread for work that blocks. */
  private void start() {
    ProcessSession started;
    try {
      started = command.start().begin(output());
    } catch (Exception | LinkageError e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      String message = e.getMessage() == null ? e.toString() : e.getMessage();
      onLoop(() -> end(new SessionEnd.Failed(message)));
      return;
    }
    onLoop(() -> stands(started));
    started.ended().whenComplete((end, failure) -> onLoop(() -> end(orFailure(end, failure))));
  }

  private static SessionEnd orFailure(SessionEnd end, Throwable failure) {
    return failure == null ? end : new SessionEnd.Failed(failure.toString());
  }

  private void stands(ProcessSession started) {
    process = started;
    if (over) {
      started.close();
      return;
    }
    size.ifPresent(last -> started.resize(last.width(), last.height()));
    stdin.goTo(started);
  }

  /** Input from the client; takes the bytes over. */
  void stdin(ByteBuf bytes) {
    if (command.streams().stdin()) {
      stdin.add(bytes);
    } else {
      bytes.release();
    }
  }

  /** The client sends no more input. */
  void stdinEnded() {
    if (command.streams().stdin()) {
      stdin.end();
    }
  }

  /** Terminal sizes from the client; takes the bytes over. */
  void resize(ByteBuf bytes) {
    Optional<TerminalSizes.Size> last = sizes.read(bytes);
    bytes.release();
    if (last.isEmpty() || !command.streams().tty()) {
      return;
    }
    size = last;
    if (process != null && !over) {
      process.resize(last.get().width(), last.get().height());
    }
  }

  /** The connection is lost, or the client has left. */
  void gone() {
    if (over) {
      return;
    }
    over = true;
    stdin.drop();
    logEnd("client gone");
    if (process != null) {
      process.close();
    }
  }

  private void end(SessionEnd end) {
    if (over) {
      return;
    }
    over = true;
    stdin.drop();
    logEnd(end.toString());
    client.end(command.kind().told(end));
    if (process != null) {
      process.close();
    }
  }

  private void logEnd(String how) {
    log.atInfo()
        .addKeyValue("container", command.containerId())
        .addKeyValue("end", how)
        .addKeyValue("ms", Duration.ofNanos(System.nanoTime() - beganNanos).toMillis())
        .log(command.kind() + " ends");
  }

  /** A daemon that stops has closed the loop, and every connection with it. */
  private void onLoop(Runnable task) {
    connection.loop().execute(task);
  }

  private ProcessOutput output() {
    return new ProcessOutput() {
      @Override
      public void stdout(ByteBuffer bytes) throws InterruptedException {
        pass(bytes, command.streams().stdout(), client::stdout);
      }

      @Override
      public void stderr(ByteBuffer bytes) throws InterruptedException {
        pass(bytes, command.streams().stderr(), client::stderr);
      }
    };
  }

  /** Waits before each piece: so no more than one piece lies beyond what the client has taken. */
  private void pass(ByteBuffer bytes, boolean wanted, Consumer<ByteBuf> sink)
      throws InterruptedException {
    while (wanted && bytes.hasRemaining() && connection.awaitWritable()) {
      int length = Math.min(bytes.remaining(), MAX_WRITE_BYTES);
      ByteBuf piece = connection.channel().alloc().buffer(length);
      piece.writeBytes(bytes.slice().limit(length));
      bytes.position(bytes.position() + length);
      sink.accept(piece);
    }
    bytes.position(bytes.limit());
  }
}
