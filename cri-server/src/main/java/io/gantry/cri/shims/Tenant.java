package io.gantry.cri.shims;

import java.util.Objects;

/**
 * A container as far as its shim is concerned.
 *
 * @param handler the runtime handler, which decides on the kind of shim and who shares it; "" is
 *     the default one
 */
public record Tenant(String containerId, String podId, String handler) {
  public Tenant {
    Objects.requireNonNull(containerId);
    Objects.requireNonNull(podId);
    Objects.requireNonNull(handler);
  }
}
