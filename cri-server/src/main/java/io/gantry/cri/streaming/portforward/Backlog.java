package io.gantry.cri.streaming.portforward;

import io.gantry.cri.streaming.connection.ClientConnection;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * What lies in memory between one client and the pod. The protocol cannot hold up one of many
 * forwarded connections, only all: when too much lies here the client is not read. A connection
 * that then takes nothing is cut off in the end, for behind its bytes wait those of the others, and
 * the news that the client gave it up. Confined to the event loop.
 */
final class Backlog {
  /** All connections of a client together, in bytes. */
  static final int LIMIT_BYTES = 4 * 1024 * 1024;

  private final ClientConnection connection;
  private final Duration stallLimit;
  private final Set<Forwarding> forwardings = new HashSet<>();
  private long bytes;
  private ScheduledFuture<?> stall; // running while the client is not read

  /**
   * @param stallLimit how long nothing at all may move before the worst connection is cut off
   */
  Backlog(ClientConnection connection, Duration stallLimit) {
    this.connection = connection;
    this.stallLimit = stallLimit;
  }

  void join(Forwarding forwarding) {
    forwardings.add(forwarding);
  }

  void leave(Forwarding forwarding) {
    forwardings.remove(forwarding);
  }

  void added(int count) {
    bytes += count;
    if (bytes > LIMIT_BYTES && stall == null) {
      connection.reading(false);
      watch();
    }
  }

  void taken(int count) {
    bytes -= count;
    if (stall == null) {
      return;
    }
    stall.cancel(false);
    if (bytes <= LIMIT_BYTES / 2) {
      stall = null;
      connection.reading(true);
    } else {
      watch();
    }
  }

  private void watch() {
    stall =
        connection.loop().schedule(this::cutOffWorst, stallLimit.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void cutOffWorst() {
    watch();
    forwardings.stream()
        .max((a, b) -> Long.compare(a.waitingBytes(), b.waitingBytes()))
        .ifPresent(worst -> worst.cutOff("took no data for " + stallLimit.toSeconds() + " s"));
  }

  /** The client is gone. */
  void close() {
    if (stall != null) {
      stall.cancel(false);
    }
    for (Forwarding each : forwardings.toArray(new Forwarding[0])) {
      each.abandon();
    }
  }

  /** The client takes bytes again, or has become slow. */
  void writabilityChanged() {
    for (Forwarding each : forwardings) {
      each.clientWritable(connection.isWritable());
    }
  }
}
