package io.gantry.cri.shims;

import io.gantry.runtime.ttrpc.TtrpcException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * The containers that share one shim process. Each has a connection of its own, so that dropping
 * one's does not concern the others. Thread-safe.
 */
final class ShimGroup {
  private final boolean endsWhenEmpty;
  private final Set<String> members = new HashSet<>(); // guarded by this
  private Path socket; // guarded by this; null before the first
  private boolean used; // guarded by this

  /**
   * @param endsWhenEmpty whether the last to leave ends the shim; else it ends by itself, when idle
   */
  ShimGroup(boolean endsWhenEmpty) {
    this.endsWhenEmpty = endsWhenEmpty;
  }

  /** Makes a connection; to a socket, or to a shim that it starts. */
  @FunctionalInterface
  interface Source {
    TaskConnection connect() throws IOException;
  }

  /** Makes a connection to the socket of a shim that may be gone. */
  @FunctionalInterface
  interface Connector {
    TaskConnection connect(Path socket) throws IOException;
  }

  /**
   * Takes a container in: the shim that is there, or else a new one. Nobody can leave and end the
   * shim meanwhile.
   */
  synchronized TaskConnection join(String containerId, Connector there, Source otherwise)
      throws IOException {
    TaskConnection connection = existing(there);
    if (connection == null) {
      // Whoever was in the one before has lost it.
      members.clear();
      connection = otherwise.connect();
      socket = connection.socket();
    }
    members.add(containerId);
    used = true;
    return connection;
  }

  private TaskConnection existing(Connector there) {
    if (socket == null) {
      return null;
    }
    try {
      return there.connect(socket);
    } catch (IOException gone) {
      return null;
    }
  }

  /** Takes note of a container that was found in a shim after a restart. */
  synchronized void found(String containerId, Path in) {
    socket = in;
    used = true;
    members.add(containerId);
  }

  /**
   * Lets a container go; the last one asks the shim to end, where that is how it ends.
   *
   * @param end asks; called with nobody able to come in
   */
  synchronized void leave(String containerId, Path from, Ending end) throws TtrpcException {
    if (!from.equals(socket) || !members.remove(containerId)) {
      return;
    }
    if (members.isEmpty() && endsWhenEmpty) {
      socket = null;
      end.run();
    }
  }

  /** Ends a shim. */
  @FunctionalInterface
  interface Ending {
    void run() throws TtrpcException;
  }

  /** Whether it has had a shim, and needs it no more. */
  synchronized boolean isSpent() {
    return endsWhenEmpty && used && members.isEmpty();
  }
}
