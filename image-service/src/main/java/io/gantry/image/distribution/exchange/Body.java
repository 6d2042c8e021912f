package io.gantry.image.distribution.exchange;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/** What a client sends with its request. Confined to the thread that handles the request. */
public interface Body {

  /** Takes what arrives. */
  interface Sink {
    /** Takes all of the bytes before it returns; the buffer is not its own afterwards. */
    void write(ByteBuffer bytes) throws IOException;
  }

  /** How many bytes the client has announced; nothing if it has not. */
  OptionalLong length();

  /**
   * Hands over everything up to the end; the client is not read faster than the sink takes.
   *
   * @throws ClientGoneException if the client left or stood still before the end
   * @throws IOException what the sink throws
   */
  void transferTo(Sink sink) throws IOException;

  /** Ends the reading, from any thread, as if the client had left. */
  void cut(String reason);
}
