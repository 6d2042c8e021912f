package io.gantry.cri.checkpoint;

import io.gantry.cri.shims.ShimConnection;
import io.gantry.runtime.ttrpc.TtrpcException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Containers that stand still until this is closed. Confined to one thread. */
final class FrozenContainers implements AutoCloseable {
  private final Map<String, ShimConnection> frozen = new LinkedHashMap<>();

  void freeze(String id, ShimConnection shim) throws TtrpcException {
    // Before: a freezing that fails may have stopped some processes.
    frozen.put(id, shim);
    shim.pause(id);
  }

  /** Thaws all, whatever happens with the others. */
  @Override
  public void close() throws IOException {
    IOException failure = null;
    for (Map.Entry<String, ShimConnection> one : frozen.entrySet()) {
      try {
        one.getValue().resume(one.getKey());
      } catch (IOException e) {
        IOException named = new IOException("resume container " + one.getKey() + ": " + e, e);
        if (failure == null) {
          failure = named;
        } else {
          failure.addSuppressed(named);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
