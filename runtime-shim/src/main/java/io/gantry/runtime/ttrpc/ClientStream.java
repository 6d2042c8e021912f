package io.gantry.runtime.ttrpc;

import com.google.protobuf.MessageLite;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/** The client's side of a call to which it streams messages. Thread-safe. */
public final class ClientStream<Q extends MessageLite, A extends MessageLite> {
  private final FrameChannel frames;
  private final int streamId;
  private final CompletableFuture<A> result;

  ClientStream(FrameChannel frames, int streamId, CompletableFuture<A> result) {
    this.frames = frames;
    this.streamId = streamId;
    this.result = result;
  }

  /**
   * Sends one message. The protocol has no flow control beyond the socket's own: this blocks while
   * the server does not read.
   */
  public void send(Q message) throws IOException {
    frames.write(Frame.data(streamId, message.toByteArray()));
  }

  /** Says that no further message will come. */
  public void finish() throws IOException {
    frames.write(Frame.halfClose(streamId));
  }

  /**
   * The single result, or null once the server has ended its stream of messages. Fails with {@link
   * TtrpcException}.
   */
  public CompletableFuture<A> result() {
    return result;
  }
}
