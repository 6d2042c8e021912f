package io.gantry.cri.container;

import io.gantry.cri.shims.ShimConnection;
import io.gantry.cri.shims.Shims;
import io.gantry.cri.shims.Tenant;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Gives fake shims; those in {@link #alive} can be connected to anew. */
public final class FakeShims implements Shims {
  public final List<FakeShim> started = new ArrayList<>();
  public final Map<String, FakeShim> alive = new HashMap<>();
  public boolean failRecover;

  public FakeShim last() {
    return started.get(started.size() - 1);
  }

  @Override
  public ShimConnection start(Tenant tenant) {
    FakeShim shim = next == null ? new FakeShim("unix:///shims/" + started.size()) : next;
    next = null;
    started.add(shim);
    return shim;
  }

  /** The shim that the next start gives. */
  public FakeShim next;

  @Override
  public ShimConnection reconnect(Tenant tenant, String address) throws IOException {
    FakeShim shim = alive.get(tenant.containerId());
    if (shim == null) {
      throw new IOException("no shim at " + address);
    }
    return shim;
  }

  @Override
  public Map<String, ShimConnection> recover(Collection<Tenant> known) throws IOException {
    if (failRecover) {
      throw new IOException("shims directory cannot be read");
    }
    Map<String, ShimConnection> found = new HashMap<>(alive);
    found.keySet().retainAll(known.stream().map(Tenant::containerId).toList());
    return found;
  }

  @Override
  public void close() {}
}
