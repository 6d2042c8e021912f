package io.gantry.runtime.ttrpc;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.gantry.proto.ttrpc.Response;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A call under way on the client's side: turns the frames of its stream into messages and a result.
 */
final class ClientCall<T extends MessageLite> {
  private final String name;
  private final Parser<T> parser;
  private final Consumer<T> messages;
  private final CompletableFuture<T> result = new CompletableFuture<>();

  /**
   * @param messages takes each message of a server stream, in order, on the connection's reading
   *     thread
   */
  ClientCall(String name, Parser<T> parser, Consumer<T> messages) {
    this.name = name;
    this.parser = parser;
    this.messages = messages;
  }

  /** The single result; null at the end of a stream of messages. */
  CompletableFuture<T> result() {
    return result;
  }

  /** Takes one frame; true when it was the last of the call. */
  boolean take(Frame frame) {
    if (frame.oversized()) {
      return fail(TtrpcCode.RESOURCE_EXHAUSTED, "answer is over the limit");
    }
    try {
      if (frame.type() == Frame.RESPONSE) {
        return response(Response.parseFrom(frame.payload()));
      }
      if (!frame.has(Frame.FLAG_NO_DATA)) {
        messages.accept(parser.parseFrom(frame.payload()));
      }
    } catch (InvalidProtocolBufferException e) {
      return fail(TtrpcCode.INTERNAL, "answer cannot be parsed: " + e.getMessage());
    } catch (RuntimeException e) {
      // The consumer is the caller's; its mistake ends its own call, not the connection that all
      // calls share.
      result.completeExceptionally(e);
      return true;
    }
    if (frame.has(Frame.FLAG_REMOTE_CLOSED)) {
      result.complete(null);
      return true;
    }
    return false;
  }

  private boolean response(Response response) throws InvalidProtocolBufferException {
    int code = response.getStatus().getCode();
    if (code == 0) {
      result.complete(parser.parseFrom(response.getPayload()));
    } else {
      result.completeExceptionally(
          new TtrpcException(TtrpcCode.of(code), response.getStatus().getMessage()));
    }
    return true;
  }

  boolean fail(TtrpcCode code, String why) {
    result.completeExceptionally(new TtrpcException(code, name + ": " + why));
    return true;
  }
}
