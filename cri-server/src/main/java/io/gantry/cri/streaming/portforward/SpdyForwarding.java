package io.gantry.cri.streaming.portforward;

import io.gantry.cri.streaming.connection.ClientConnection;
import io.gantry.cri.streaming.spdy.SpdyInput;
import io.gantry.cri.streaming.spdy.SpdySession;
import io.gantry.cri.streaming.spdy.SpdyStream;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.spdy.SpdyStreamStatus;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Port forwarding over SPDY: two streams per forwarded connection, one for what goes wrong and one
 * for the bytes. Confined to the event loop.
 */
public final class SpdyForwarding implements SpdySession {
  public static final String PROTOCOL = "portforward.k8s.io";

  private final PortForward request;
  private final ClientConnection connection;
  private final Backlog backlog;
  private final ForwardingLog log;
  private final Map<String, Pair> incomplete = new HashMap<>();

  public SpdyForwarding(PortForward request, ClientConnection connection) {
    this.request = request;
    this.connection = connection;
    this.backlog = new Backlog(connection, request.stallLimit());
    this.log = new ForwardingLog(request.podId(), "SPDY " + PROTOCOL);
  }

  @Override
  public SpdyInput opened(SpdyStream stream) {
    Optional<Integer> port = PortForward.port(stream.header("port"));
    String type = stream.header("streamtype");
    boolean isData = type.equals("data");
    if (port.isEmpty() || !(isData || type.equals("error"))) {
      return null;
    }
    String requestId = requestId(stream, isData);
    Pair pair = incomplete.computeIfAbsent(requestId, id -> new Pair(id, port.get()));
    return isData ? pair.takeData(stream) : pair.takeError(stream);
  }

  /** Old clients name no request: there the error stream comes right before the data stream. */
  private static String requestId(SpdyStream stream, boolean isData) {
    String named = stream.header("requestid");
    if (!named.isEmpty()) {
      return named;
    }
    return Integer.toString(isData ? stream.id() - 2 : stream.id());
  }

  @Override
  public void writabilityChanged() {
    backlog.writabilityChanged();
  }

  @Override
  public void gone() {
    incomplete.values().forEach(pair -> pair.patience.cancel(false));
    incomplete.clear();
    backlog.close();
    log.ended();
  }

  /** The two streams of one forwarded connection. */
  private final class Pair implements ForwardingClient {
    private final String requestId;
    private final int port;
    private final Forwarding forwarding;
    private final Future<?> patience;
    private SpdyStream error;
    private SpdyStream data;

    Pair(String requestId, int port) {
      this.requestId = requestId;
      this.port = port;
      this.forwarding = new Forwarding(port, this, connection, backlog);
      this.patience =
          connection
              .loop()
              .schedule(this::giveUp, request.patience().toMillis(), TimeUnit.MILLISECONDS);
    }

    SpdyInput takeError(SpdyStream stream) {
      if (error != null) {
        return null;
      }
      error = stream;
      beginIfComplete();
      return new Input(ByteBuf::release, () -> {}, () -> {});
    }

    SpdyInput takeData(SpdyStream stream) {
      if (data != null) {
        return null;
      }
      data = stream;
      beginIfComplete();
      return new Input(forwarding::data, forwarding::clientEnded, forwarding::abandon);
    }

    private void beginIfComplete() {
      if (error != null && data != null) {
        incomplete.remove(requestId);
        patience.cancel(false);
        log.connection(port);
        forwarding.begin(request.dialer(), request.work());
      }
    }

    private void giveUp() {
      incomplete.remove(requestId);
      forwarding.cutOff("the client opened only one of two streams in time");
    }

    @Override
    public void send(ByteBuf bytes) {
      data.write(bytes);
    }

    @Override
    public void ended() {
      data.end();
    }

    @Override
    public void done(Optional<String> failure) {
      incomplete.remove(requestId, this);
      failure.ifPresent(text -> log.failure(port, text));
      if (error != null) {
        failure.ifPresent(text -> error.write(Unpooled.copiedBuffer(text, StandardCharsets.UTF_8)));
        error.end();
      }
      if (data != null) {
        if (failure.isEmpty()) {
          data.end();
        }
        // Nothing happens if the client, too, has said all.
        data.reset(SpdyStreamStatus.CANCEL);
      }
      if (error != null) {
        error.reset(SpdyStreamStatus.CANCEL);
      }
    }
  }

  private record Input(java.util.function.Consumer<ByteBuf> sink, Runnable end, Runnable cut)
      implements SpdyInput {
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
      cut.run();
    }
  }
}
