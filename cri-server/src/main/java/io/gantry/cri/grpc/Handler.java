package io.gantry.cri.grpc;

/**
 * Answers one unary RPC. Implementations are thread-safe; calls come from many threads and may
 * block. The caller's deadline and cancellation are those of {@link io.grpc.Context#current()}.
 *
 * @param <Q> the request message
 * @param <R> the response message
 */
@FunctionalInterface
public interface Handler<Q, R> {

  /**
   * Does what the request asks and answers.
   *
   * @throws CriException for a failure whose category the caller should learn as a gRPC code
   * @throws Exception for anything else; the caller sees INTERNAL and the message
   */
  R handle(Q request) throws Exception;
}
