package io.gantry.cri.streaming.portforward;

import io.gantry.cri.streaming.connection.ClientConnection;
import io.gantry.cri.streaming.websocket.WebSocketConnection;
import io.gantry.cri.streaming.websocket.WebSocketSession;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Port forwarding over WebSocket: one connection to each port of the request, on two channels each.
 * Confined to the event loop.
 */
public final class WebSocketForwarding implements WebSocketSession {
  private final PortForward request;
  private final ClientConnection connection;
  private final Backlog backlog;
  private final ForwardingLog log;
  private final List<Forwarding> forwardings = new ArrayList<>();
  private WebSocketConnection messages; // set before anything else happens
  private int running;

  /**
   * @param protocol its name, for the log
   */
  public WebSocketForwarding(PortForward request, String protocol, ClientConnection connection) {
    this.request = request;
    this.connection = connection;
    this.backlog = new Backlog(connection, request.stallLimit());
    this.log = new ForwardingLog(request.podId(), ("WebSocket " + protocol).strip());
  }

  @Override
  public void begin(WebSocketConnection opened) {
    messages = opened;
    for (int port : request.ports()) {
      Port client = new Port(forwardings.size(), port);
      forwardings.add(new Forwarding(port, client, connection, backlog));
      messages.send(client.dataChannel(), littleEndian(port));
      messages.send(client.errorChannel(), littleEndian(port));
    }
    running = forwardings.size();
    for (int i = 0; i < forwardings.size(); i++) {
      log.connection(request.ports().get(i));
      forwardings.get(i).begin(request.dialer(), request.work());
    }
  }

  private static ByteBuf littleEndian(int port) {
    return Unpooled.wrappedBuffer(new byte[] {(byte) port, (byte) (port >> 8)});
  }

  @Override
  public void data(int channel, ByteBuf bytes) {
    boolean isData = channel >= 0 && channel % 2 == 0 && channel / 2 < forwardings.size();
    if (isData) {
      forwardings.get(channel / 2).data(bytes);
    } else {
      bytes.release();
    }
  }

  @Override
  public void ended(int channel) {
    // This protocol has no such message.
  }

  @Override
  public void writabilityChanged() {
    backlog.writabilityChanged();
  }

  @Override
  public void gone() {
    backlog.close();
    log.ended();
  }

  /** The two channels of one port. */
  private final class Port implements ForwardingClient {
    private final int index;
    private final int port;

    Port(int index, int port) {
      this.index = index;
      this.port = port;
    }

    int dataChannel() {
      return 2 * index;
    }

    int errorChannel() {
      return 2 * index + 1;
    }

    @Override
    public void send(ByteBuf bytes) {
      messages.send(dataChannel(), bytes);
    }

    @Override
    public void ended() {
      // A channel cannot be ended by itself.
    }

    @Override
    public void done(Optional<String> failure) {
      failure.ifPresent(
          text -> {
            log.failure(port, text);
            messages.send(errorChannel(), Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
          });
      running--;
      if (running == 0) {
        messages.sayClosed(WebSocketCloseStatus.NORMAL_CLOSURE);
        connection.leave();
      }
    }
  }
}
