package io.gantry.cri.shims;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/** Where shims come from. Thread-safe. */
public interface Shims extends AutoCloseable {
  /**
   * Gives a shim for a new container: a warm one when there is one, else one started now. The shim
   * knows nothing of the container until {@link ShimConnection#create}; write {@link
   * ShimConnection#address()} into the container's record before that call.
   *
   * @throws IOException when no shim could be started; the message says why, with the end of the
   *     shim's own log
   */
  ShimConnection start(String containerId, Path bundle) throws IOException;

  /**
   * Connects to the shim of a container that an earlier daemon started.
   *
   * @throws IOException when the shim is gone: whatever is left of the container must be killed
   *     through its cgroup
   */
  ShimConnection reconnect(String containerId, String address) throws IOException;

  /**
   * Looks through the shims an earlier daemon left behind; call once, before the first {@link
   * #start}. Warm ones are ended, sockets of dead ones removed. Shims that hold a container not in
   * {@code known} have it killed and deleted.
   *
   * @return connections to the shims that hold a container in {@code known}, by its id
   */
  Map<String, ShimConnection> recover(Set<String> known) throws IOException;

  /** Ends the warm shims and drops the connections; shims with containers live on. */
  @Override
  void close();
}
