package io.gantry.cri.streaming.command;

import io.gantry.cri.streaming.connection.ClientConnection;
import io.gantry.cri.streaming.process.SessionEnd;
import io.gantry.cri.streaming.process.StreamSet;
import io.gantry.cri.streaming.websocket.WebSocketConnection;
import io.gantry.cri.streaming.websocket.WebSocketSession;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;

/** An exec or attach over WebSocket: a channel per stream, all there from the start. */
public final class WebSocketCommand implements WebSocketSession, CommandClient {
  private static final int STDIN = 0;
  private static final int STDOUT = 1;
  private static final int STDERR = 2;
  private static final int ERROR = 3;
  private static final int RESIZE = 4;

  private final Command command;
  private final WebSocketProtocol protocol;
  private final ClientConnection connection;
  private final CommandSession session;
  private WebSocketConnection messages; // set before anything else happens

  /**
   * @param work runs what blocks
   */
  public WebSocketCommand(
      Command command, WebSocketProtocol protocol, ClientConnection connection, Executor work) {
    this.command = command;
    this.protocol = protocol;
    this.connection = connection;
    this.session =
        new CommandSession(
            command, ("WebSocket " + protocol.wireName()).strip(), this, connection, work);
  }

  @Override
  public void begin(WebSocketConnection opened) {
    messages = opened;
    // Clients wait for a first message to know that the server is there.
    messages.send(firstOutput(command.streams()), Unpooled.EMPTY_BUFFER);
    session.begin();
  }

  private static int firstOutput(StreamSet streams) {
    if (streams.stdout()) {
      return STDOUT;
    }
    return streams.stderr() ? STDERR : ERROR;
  }

  @Override
  public void data(int channel, ByteBuf bytes) {
    switch (channel) {
      case STDIN -> session.stdin(bytes);
      case RESIZE -> session.resize(bytes);
      default -> bytes.release();
    }
  }

  @Override
  public void ended(int channel) {
    if (channel == STDIN) {
      session.stdinEnded();
    }
  }

  @Override
  public void stdout(ByteBuf bytes) {
    messages.send(STDOUT, bytes);
  }

  @Override
  public void stderr(ByteBuf bytes) {
    messages.send(STDERR, bytes);
  }

  @Override
  public void end(SessionEnd end) {
    protocol
        .status()
        .tell(end, command.kind().failureWords())
        .ifPresent(
            text -> messages.send(ERROR, Unpooled.copiedBuffer(text, StandardCharsets.UTF_8)));
    messages.sayClosed(WebSocketCloseStatus.NORMAL_CLOSURE);
    connection.leave();
  }

  @Override
  public void writabilityChanged() {
    // The process's thread waits at the connection itself.
  }

  @Override
  public void gone() {
    session.gone();
  }
}
