package io.gantry.cri.streaming.portforward;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * What a client may do who has connected.
 *
 * @param podId in full
 * @param ports those of the request; a client over SPDY names its own
 * @param dialer connects to the pod
 * @param patience how long the client may take to open both streams of a connection
 * @param stallLimit how long a pod that takes nothing may hold up the client's other connections
 * @param work runs what blocks
 */
public record PortForward(
    String podId,
    List<Integer> ports,
    PortDialer dialer,
    Duration patience,
    Duration stallLimit,
    Executor work) {
  public static final Duration STALL_LIMIT = Duration.ofSeconds(60);

  public PortForward {
    ports = List.copyOf(ports);
  }

  static Optional<Integer> port(String text) {
    try {
      int port = Integer.parseInt(text);
      return isPort(port) ? Optional.of(port) : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** Whether a number is one that a TCP connection can go to. */
  public static boolean isPort(int number) {
    return number > 0 && number <= 0xffff;
  }
}
