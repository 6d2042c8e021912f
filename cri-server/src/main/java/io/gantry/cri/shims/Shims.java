package io.gantry.cri.shims;

import java.io.IOException;
import java.util.Collection;
import java.util.Map;

/** Where shims come from. Thread-safe. */
public interface Shims extends AutoCloseable {
  /**
   * Gives a shim for a new container: one that is there already, where containers share shims, else
   * a warm one or one started now. The shim knows nothing of the container until {@link
   * ShimConnection#create}; write {@link ShimConnection#address()} into the container's record
   * before that call.
   *
   * @throws IOException when no shim could be started; the message says why, with the end of the
   *     shim's own log
   */
  ShimConnection start(Tenant tenant) throws IOException;

  /**
   * Connects to the shim of a container that an earlier daemon started.
   *
   * @throws IOException when the shim is gone: whatever is left of the container must be killed
   *     through its cgroup
   */
  ShimConnection reconnect(Tenant tenant, String address) throws IOException;

  /**
   * Looks through the shims an earlier daemon left behind; call once, before the first {@link
   * #start}. Warm ones are ended, sockets of dead ones removed. Containers not in {@code known} are
   * killed and deleted.
   *
   * @return connections to the shims of the containers in {@code known}, by the container's id
   */
  Map<String, ShimConnection> recover(Collection<Tenant> known) throws IOException;

  /** Ends the warm shims and drops the connections; shims with containers live on. */
  @Override
  void close();
}
