package io.gantry.runtime.linux;

import java.io.IOException;
import java.util.List;

/** Network interfaces of network namespaces. */
public interface Network {
  /** Brings the loopback interface of a network namespace up; does nothing if it is. */
  void bringLoopbackUp(Fd networkNamespace) throws IOException;

  /** The counters of every interface in the namespace that process {@code pid} is in. */
  List<InterfaceCounters> counters(int pid) throws IOException;

  /** The counters of every interface in a network namespace. */
  List<InterfaceCounters> counters(Fd networkNamespace) throws IOException;

  /** An interface's counters since it was made (/proc/PID/net/dev). */
  record InterfaceCounters(
      String name,
      long receivedBytes,
      long receivedPackets,
      long receiveErrors,
      long receiveDropped,
      long sentBytes,
      long sentPackets,
      long sendErrors,
      long sendDropped) {}
}
