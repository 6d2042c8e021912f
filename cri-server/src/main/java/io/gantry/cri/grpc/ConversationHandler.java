package io.gantry.cri.grpc;

/**
 * Answers one RPC whose caller streams. Implementations are thread-safe; each call has a thread of
 * its own, which begins with the call and is interrupted when the caller goes away. The answer ends
 * when the handler returns, whatever the caller may still send.
 *
 * @param <Q> the request message
 * @param <R> the response message
 */
@FunctionalInterface
public interface ConversationHandler<Q, R> {

  /**
   * Takes what comes and answers: once, if the RPC does not stream to its caller.
   *
   * @throws CriException for a failure whose category the caller should learn as a gRPC code; what
   *     was sent before it stays sent
   * @throws InterruptedException when the caller is gone
   * @throws Exception for anything else; the caller sees INTERNAL and the message
   */
  void handle(Incoming<Q> incoming, Answers<R> answers) throws Exception;
}
