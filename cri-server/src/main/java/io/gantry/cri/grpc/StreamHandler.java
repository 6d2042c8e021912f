package io.gantry.cri.grpc;

/**
 * Answers one server-streaming RPC. Implementations are thread-safe; each call has a thread of its
 * own, which is interrupted when the caller goes away. The stream ends when the handler returns.
 *
 * @param <Q> the request message
 * @param <R> the response message
 */
@FunctionalInterface
public interface StreamHandler<Q, R> {

  /**
   * Sends what the request asks for.
   *
   * @throws CriException for a failure whose category the caller should learn as a gRPC code; what
   *     was sent before it stays sent
   * @throws InterruptedException when the caller is gone
   * @throws Exception for anything else; the caller sees INTERNAL and the message
   */
  void handle(Q request, Answers<R> answers) throws Exception;
}
