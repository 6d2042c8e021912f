package io.gantry.cri.streaming.portforward;

import io.gantry.runtime.linux.Fd;
import java.io.IOException;

/** Connects to ports of one pod. Thread-safe. */
@FunctionalInterface
public interface PortDialer {

  /**
   * Connects to a port of the pod's own loopback interface; blocks for some seconds at most.
   *
   * @param port 1-65535
   * @return a connected TCP socket that does not block; the caller closes it
   * @throws IOException saying why not; the client reads the message
   */
  Fd dial(int port) throws IOException;
}
