package io.gantry.runtime.ttrpc;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.gantry.proto.ttrpc.KeyValue;
import io.gantry.proto.ttrpc.Request;
import java.io.Closeable;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A connection to a ttrpc server. Any number of calls run in parallel; answers come in any order.
 * When the connection is lost every call that is open, and every later one, fails with UNAVAILABLE.
 * Thread-safe.
 *
 * <p>Futures complete on the connection's reading thread (or a timer's): what depends on them must
 * not block there.
 */
public final class TtrpcClient implements Closeable {
  private final String peer;
  private final FrameChannel frames;
  private final CompletableFuture<Void> closed = new CompletableFuture<>();

  // Ids must reach the server in rising order, so that taking an id and writing the frame are one
  // step.
  private final Object sendLock = new Object();
  private int nextStreamId = 1; // guarded by sendLock
  private final Map<Integer, ClientCall<?>> calls = new HashMap<>(); // guarded by itself
  private String lost; // guarded by calls

  private TtrpcClient(String peer, ByteChannel channel) {
    this.peer = peer;
    this.frames = new FrameChannel(channel, Frame.MAX_PAYLOAD_BYTES);
  }

  /**
   * Connects to a unix socket.
   *
   * @throws IOException when nobody listens there
   */
  public static TtrpcClient connect(Path socket) throws IOException {
    SocketChannel channel;
    try {
      channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      throw new IOException("connect to " + socket + ": " + e.getMessage(), e);
    }
    return over(socket.toString(), channel);
  }

  /**
   * Speaks over a connected channel, which it owns from now on. {@code peer} names it in errors.
   */
  public static TtrpcClient over(String peer, ByteChannel channel) {
    TtrpcClient client = new TtrpcClient(peer, channel);
    Thread reader = new Thread(client::read, "ttrpc " + peer);
    reader.setDaemon(true);
    reader.start();
    return client;
  }

  /** A call with one argument and one result. Fails with {@link TtrpcException}. */
  public <T extends MessageLite> CompletableFuture<T> call(
      String service, String method, MessageLite argument, Parser<T> parser, CallOptions options) {
    return stream(service, method, argument, parser, options, 0, message -> {});
  }

  /**
   * A call with one argument and a stream of answers.
   *
   * @param messages takes each answer, in order, on the reading thread
   * @return completes with null after the last answer (or with the single result, if the server
   *     gave one instead)
   */
  public <T extends MessageLite> CompletableFuture<T> serverStream(
      String service,
      String method,
      MessageLite argument,
      Parser<T> parser,
      CallOptions options,
      Consumer<T> messages) {
    return stream(service, method, argument, parser, options, Frame.FLAG_REMOTE_CLOSED, messages);
  }

  /**
   * A call to which the client streams messages; the server answers with one result or with a
   * stream.
   */
  public <Q extends MessageLite, A extends MessageLite> ClientStream<Q, A> open(
      String service, String method, Parser<A> parser, CallOptions options, Consumer<A> messages)
      throws IOException {
    ClientCall<A> call = new ClientCall<>(service + "/" + method, parser, messages);
    Request request = request(service, method, options).build();
    int streamId = start(call, Frame.FLAG_REMOTE_OPEN, request, options);
    return new ClientStream<>(frames, streamId, call.result());
  }

  private <T extends MessageLite> CompletableFuture<T> stream(
      String service,
      String method,
      MessageLite argument,
      Parser<T> parser,
      CallOptions options,
      int flags,
      Consumer<T> messages) {
    ClientCall<T> call = new ClientCall<>(service + "/" + method, parser, messages);
    Request request = request(service, method, options).setPayload(argument.toByteString()).build();
    start(call, flags, request, options);
    return call.result();
  }

  private static Request.Builder request(String service, String method, CallOptions options) {
    Request.Builder request = Request.newBuilder().setService(service).setMethod(method);
    options.timeout().ifPresent(timeout -> request.setTimeoutNano(timeout.toNanos()));
    options
        .metadata()
        .forEach(
            (key, value) -> request.addMetadata(KeyValue.newBuilder().setKey(key).setValue(value)));
    return request;
  }

  private int start(ClientCall<?> call, int flags, Request request, CallOptions options) {
    int streamId;
    synchronized (sendLock) {
      streamId = nextStreamId;
      nextStreamId += 2;
      synchronized (calls) {
        if (lost != null) {
          call.fail(TtrpcCode.UNAVAILABLE, lost);
          return streamId;
        }
        calls.put(streamId, call);
      }
      try {
        frames.write(Frame.request(streamId, flags, request.toByteArray()));
      } catch (TtrpcException e) {
        forget(streamId);
        call.fail(e.code(), e.getMessage());
      } catch (IOException e) {
        forget(streamId);
        call.fail(TtrpcCode.UNAVAILABLE, "write to " + peer + ": " + e.getMessage());
      }
    }
    options.timeout().ifPresent(timeout -> limit(call, streamId, timeout.toNanos()));
    return streamId;
  }

  private void limit(ClientCall<?> call, int streamId, long nanos) {
    // Of the JDK's timers only this one leaves the queue when the answer comes first. Another would
    // hold on to the call, and by it to this connection's buffers, until the time is over.
    CompletableFuture<Void> timer =
        new CompletableFuture<Void>().orTimeout(nanos, TimeUnit.NANOSECONDS);
    timer.whenComplete(
        (none, late) -> {
          if (late != null) {
            forget(streamId);
            call.fail(
                TtrpcCode.DEADLINE_EXCEEDED,
                "no answer from " + peer + " within " + nanos / 1_000_000 + " ms");
          }
        });
    call.result().whenComplete((result, failure) -> timer.complete(null));
  }

  private void forget(int streamId) {
    synchronized (calls) {
      calls.remove(streamId);
    }
  }

  private void read() {
    String why = "connection to " + peer + " closed";
    try {
      for (Frame frame = frames.read(); frame != null; frame = frames.read()) {
        dispatch(frame);
      }
    } catch (IOException e) {
      why =
          "connection to "
              + peer
              + " lost: "
              + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
    } finally {
      lose(why);
    }
  }

  private void dispatch(Frame frame) {
    ClientCall<?> call;
    synchronized (calls) {
      call = calls.get(frame.streamId());
    }
    // A stream that is not known has been given up (deadline): its frames are dropped.
    if (call != null && call.take(frame)) {
      forget(frame.streamId());
    }
  }

  private void lose(String why) {
    Map<Integer, ClientCall<?>> open;
    synchronized (calls) {
      if (lost != null) {
        return;
      }
      lost = why;
      open = new HashMap<>(calls);
      calls.clear();
    }
    try {
      frames.close();
    } catch (IOException e) {
      why = why + "; close: " + e.getMessage();
    }
    for (ClientCall<?> call : open.values()) {
      call.fail(TtrpcCode.UNAVAILABLE, why);
    }
    closed.complete(null);
  }

  /** Completes when the connection is gone, from whichever side. */
  public CompletableFuture<Void> closed() {
    return closed;
  }

  @Override
  public void close() {
    lose("connection to " + peer + " was closed here");
  }
}
