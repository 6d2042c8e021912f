package io.gantry.tests.cri;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** One call whose request is bytes that need not be a message; answers are counted, not read. */
final class RawCall extends ClientCall.Listener<byte[]> {
  private final CompletableFuture<Status> ended = new CompletableFuture<>();
  private final ClientCall<byte[], byte[]> call;
  private final int enough;
  private int answers; // the call's executor runs one callback at a time

  private RawCall(ClientCall<byte[], byte[]> call, int enough) {
    this.call = call;
    this.enough = enough;
  }

  /**
   * Makes the call and waits for its end.
   *
   * @param method full name of the RPC
   * @param enough after so many answers the call is cancelled, which counts as success
   */
  static Status make(
      io.grpc.Channel channel, String method, byte[] request, int enough, Duration deadline) {
    MethodDescriptor<byte[], byte[]> descriptor =
        MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.SERVER_STREAMING)
            .setFullMethodName(method)
            .setRequestMarshaller(Bytes.INSTANCE)
            .setResponseMarshaller(Bytes.INSTANCE)
            .build();
    CallOptions options =
        CallOptions.DEFAULT
            .withWaitForReady()
            .withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS);
    RawCall raw = new RawCall(channel.newCall(descriptor, options), enough);
    raw.call.start(raw, new Metadata());
    raw.call.request(enough);
    raw.call.sendMessage(request);
    raw.call.halfClose();
    return raw.ended.join();
  }

  @Override
  public void onMessage(byte[] message) {
    answers++;
    if (answers == enough) {
      ended.complete(Status.OK);
      call.cancel("enough", null);
    }
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    ended.complete(status);
  }

  private enum Bytes implements MethodDescriptor.Marshaller<byte[]> {
    INSTANCE;

    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
