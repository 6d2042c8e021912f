package io.gantry.cri.streaming.command;

import io.gantry.cri.streaming.connection.ClientConnection;
import io.gantry.cri.streaming.process.SessionEnd;
import io.gantry.cri.streaming.process.StreamSet;
import io.gantry.cri.streaming.spdy.SpdyInput;
import io.gantry.cri.streaming.spdy.SpdySession;
import io.gantry.cri.streaming.spdy.SpdyStream;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.spdy.SpdyStreamStatus;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An exec or attach over SPDY: a stream per channel, opened by the client. */
public final class SpdyCommand implements SpdySession, CommandClient {
  private static final Logger log = LoggerFactory.getLogger(SpdyCommand.class);

  private final Command command;
  private final SpdyProtocol protocol;
  private final ClientConnection connection;
  private final CommandSession session;
  private final Set<Type> missing;
  private final Map<Type, SpdyStream> streams = new EnumMap<>(Type.class);
  private final Future<?> patience;

  /** The streams, as the header {@code streamtype} names them. */
  private enum Type {
    ERROR,
    STDIN,
    STDOUT,
    STDERR,
    RESIZE;

    static Type of(SpdyStream stream) {
      String name = stream.header("streamtype");
      for (Type type : values()) {
        if (type.name().toLowerCase(Locale.ROOT).equals(name)) {
          return type;
        }
      }
      return null;
    }
  }

  /**
   * @param patienceLimit how long the client may take to open all streams
   * @param work runs what blocks
   */
  public SpdyCommand(
      Command command,
      SpdyProtocol protocol,
      ClientConnection connection,
      Duration patienceLimit,
      Executor work) {
    this.command = command;
    this.protocol = protocol;
    this.connection = connection;
    this.session =
        new CommandSession(command, "SPDY " + protocol.wireName(), this, connection, work);
    this.missing = expected(command.streams(), protocol);
    this.patience =
        connection.loop().schedule(this::giveUp, patienceLimit.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static Set<Type> expected(StreamSet wanted, SpdyProtocol protocol) {
    Set<Type> types = EnumSet.of(Type.ERROR);
    if (wanted.stdin()) {
      types.add(Type.STDIN);
    }
    if (wanted.stdout()) {
      types.add(Type.STDOUT);
    }
    if (wanted.stderr()) {
      types.add(Type.STDERR);
    }
    if (wanted.tty() && protocol.resizes()) {
      types.add(Type.RESIZE);
    }
    return types;
  }

  private void giveUp() {
    log.atWarn()
        .addKeyValue("container", command.containerId())
        .addKeyValue("missing", missing)
        .log(command.kind() + ": the client did not open its streams in time");
    connection.channel().close();
  }

  @Override
  public SpdyInput opened(SpdyStream stream) {
    Type type = Type.of(stream);
    if (type == null || streams.putIfAbsent(type, stream) != null) {
      return null;
    }
    if (missing.remove(type) && missing.isEmpty()) {
      patience.cancel(false);
      // Not at once: this stream has no answer yet.
      connection.loop().execute(this::begin);
    }
    return switch (type) {
      case STDIN -> new Input(session::stdin, session::stdinEnded);
      case RESIZE -> new Input(session::resize, () -> {});
      case ERROR, STDOUT, STDERR -> new Input(ByteBuf::release, () -> {});
    };
  }

  private record Input(Consumer<ByteBuf> sink, Runnable end) implements SpdyInput {
    @Override
    public void data(ByteBuf bytes) {
      sink.accept(bytes);
    }

    @Override
    public void ended() {
      end.run();
    }

    @Override
    public void reset() {
      end.run();
    }
  }

  private void begin() {
    if (protocol == SpdyProtocol.V1) {
      end(Type.STDIN);
      streams.get(Type.ERROR).reset(SpdyStreamStatus.CANCEL);
    }
    session.begin();
  }

  @Override
  public void stdout(ByteBuf bytes) {
    streams.get(Type.STDOUT).write(bytes);
  }

  @Override
  public void stderr(ByteBuf bytes) {
    streams.get(Type.STDERR).write(bytes);
  }

  @Override
  public void end(SessionEnd end) {
    // What the client waits for comes first: it may leave when it has read the status.
    end(Type.STDOUT);
    end(Type.STDERR);
    SpdyStream error = streams.get(Type.ERROR);
    protocol
        .status()
        .tell(end, command.kind().failureWords())
        .ifPresent(text -> error.write(Unpooled.copiedBuffer(text, StandardCharsets.UTF_8)));
    end(Type.ERROR);
    end(Type.STDIN);
    end(Type.RESIZE);
    connection.leave();
  }

  private void end(Type type) {
    SpdyStream stream = streams.get(type);
    if (stream != null) {
      stream.end();
    }
  }

  @Override
  public void writabilityChanged() {
    // The process's thread waits at the connection itself.
  }

  @Override
  public void gone() {
    patience.cancel(false);
    session.gone();
  }
}
