package io.gantry.cri.streaming.command;

import io.gantry.cri.streaming.process.SessionEnd;
import io.netty.buffer.ByteBuf;

/** The client of a {@link CommandSession}, in its own protocol. */
interface CommandClient {

  /** Sends output and releases it; on any thread. */
  void stdout(ByteBuf bytes);

  /** Sends output and releases it; on any thread. */
  void stderr(ByteBuf bytes);

  /** Tells how it ended, then leaves; on the event loop, once, after all output. */
  void end(SessionEnd end);
}
