package io.gantry.runtime.ttrpc;

import com.google.protobuf.InvalidProtocolBufferException;
import io.gantry.proto.ttrpc.Request;
import io.gantry.proto.ttrpc.Response;
import io.gantry.proto.ttrpc.Status;
import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One client's connection: reads its frames, starts its calls, writes the answers. */
final class ServerConnection implements Runnable {
  private final TtrpcServer server;
  private final FrameChannel frames;
  private final Map<Integer, ServerCall> calls = new HashMap<>(); // guarded by itself
  private int lastStreamId; // only the reading thread
  private boolean closed; // guarded by calls

  ServerConnection(TtrpcServer server, ByteChannel channel, int receiveLimitBytes) {
    this.server = server;
    this.frames = new FrameChannel(channel, receiveLimitBytes);
  }

  @Override
  public void run() {
    try {
      for (Frame frame = frames.read(); frame != null; frame = frames.read()) {
        handle(frame);
      }
    } catch (IOException e) {
      // The peer went away or broke the protocol. Nobody is left to be told but the handlers, which
      // close() does.
    } finally {
      close();
      server.connectionClosed(this);
    }
  }

  void close() {
    List<ServerCall> open;
    synchronized (calls) {
      closed = true;
      open = new ArrayList<>(calls.values());
      calls.clear();
    }
    try {
      frames.close();
    } catch (IOException e) {
      // A socket that cannot be closed well is closed all the same: close(2) never keeps the
      // descriptor on Linux.
    }
    open.forEach(ServerCall::abandon);
  }

  private void handle(Frame frame) throws IOException {
    if (frame.type() == Frame.REQUEST) {
      request(frame);
    } else if (frame.type() == Frame.DATA) {
      data(frame);
    }
    // Other types are for later protocol versions: a server ignores them.
  }

  private void request(Frame frame) throws IOException {
    int id = frame.streamId();
    if ((id & 1) == 0 || Integer.compareUnsigned(id, lastStreamId) <= 0) {
      refuse(
          id,
          TtrpcCode.INVALID_ARGUMENT,
          "stream id " + Integer.toUnsignedString(id) + " is even or was used before");
      return;
    }
    lastStreamId = id;
    if (frame.oversized()) {
      refuse(
          id,
          TtrpcCode.RESOURCE_EXHAUSTED,
          "request is over the limit of " + server.receiveLimitBytes() + " bytes");
      return;
    }
    Request request;
    try {
      request = Request.parseFrom(frame.payload());
    } catch (InvalidProtocolBufferException e) {
      refuse(id, TtrpcCode.INVALID_ARGUMENT, "request is not a ttrpc.Request: " + e.getMessage());
      return;
    }
    TtrpcService.Method method = server.method(request.getService(), request.getMethod());
    if (method == null) {
      refuse(
          id,
          TtrpcCode.UNIMPLEMENTED,
          request.getService() + "/" + request.getMethod() + " is not implemented");
      return;
    }
    ServerCall call = new ServerCall(this, id, request, frame.flags());
    synchronized (calls) {
      if (closed) {
        return;
      }
      calls.put(id, call);
    }
    server.run(call, method);
  }

  private void data(Frame frame) throws IOException {
    ServerCall call;
    synchronized (calls) {
      call = calls.get(frame.streamId());
    }
    if (call == null || !call.streaming() || call.clientDone()) {
      refuse(frame.streamId(), TtrpcCode.INVALID_ARGUMENT, "data on a stream that takes none");
    } else if (frame.oversized()) {
      call.abort(
          new TtrpcException(
              TtrpcCode.RESOURCE_EXHAUSTED,
              "message is over the limit of " + server.receiveLimitBytes() + " bytes"));
    } else if (!call.offer(frame)) {
      call.abort(
          new TtrpcException(
              TtrpcCode.RESOURCE_EXHAUSTED,
              "too many messages wait on stream " + frame.streamId()));
    }
  }

  private void refuse(int streamId, TtrpcCode code, String message) throws IOException {
    Status status = Status.newBuilder().setCode(code.number()).setMessage(message).build();
    write(Frame.response(streamId, Response.newBuilder().setStatus(status).build().toByteArray()));
  }

  void write(Frame frame) throws IOException {
    frames.write(frame);
  }

  void answer(ServerCall call, Response response) {
    byte[] payload = response.toByteArray();
    if (payload.length > Frame.MAX_PAYLOAD_BYTES) {
      Status status =
          Status.newBuilder()
              .setCode(TtrpcCode.RESOURCE_EXHAUSTED.number())
              .setMessage(
                  call.method()
                      + ": answer of "
                      + payload.length
                      + " bytes is over the protocol's limit")
              .build();
      payload = Response.newBuilder().setStatus(status).build().toByteArray();
    }
    end(call, Frame.response(call.streamId(), payload));
  }

  void finish(ServerCall call) {
    end(call, Frame.halfClose(call.streamId()));
  }

  private void end(ServerCall call, Frame last) {
    synchronized (calls) {
      calls.remove(call.streamId());
    }
    try {
      write(last);
    } catch (IOException e) {
      // The connection is lost; its reading thread sees the same and cleans up.
    }
  }
}
