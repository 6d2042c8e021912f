package io.gantry.cri.streaming.spdy;

/** What is made of the streams that one client opens. Called on the connection's event loop. */
public interface SpdySession {

  /**
   * The client opens a stream.
   *
   * @return who takes what comes on the stream, or {@code null} to refuse it
   */
  SpdyInput opened(SpdyStream stream);

  /** The client takes bytes again after it was slow, or has become slow. */
  void writabilityChanged();

  /** The connection is gone; no stream will say any more. */
  void gone();
}
