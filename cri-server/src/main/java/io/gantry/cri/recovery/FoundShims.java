package io.gantry.cri.recovery;

import io.gantry.cri.container.Container;
import io.gantry.cri.shims.ShimConnection;
import io.gantry.cri.shims.Shims;
import io.gantry.cri.shims.Tenant;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shims that an earlier daemon left behind, by the container they hold. Confined to one thread.
 */
final class FoundShims {
  private static final Logger log = LoggerFactory.getLogger(FoundShims.class);

  private final Shims shims;
  private final Map<String, ShimConnection> byContainer;

  private FoundShims(Shims shims, Map<String, ShimConnection> byContainer) {
    this.shims = shims;
    this.byContainer = byContainer;
  }

  /**
   * Looks for them. If that fails as a whole, each container's own shim is still asked for by its
   * address.
   */
  static FoundShims of(Shims shims, Collection<Container> containers) {
    List<Tenant> known = containers.stream().map(container -> container.record().tenant()).toList();
    try {
      return new FoundShims(shims, new HashMap<>(shims.recover(known)));
    } catch (IOException e) {
      log.atError().setCause(e).log("shims of an earlier daemon could not be looked through");
      return new FoundShims(shims, new HashMap<>());
    }
  }

  /** The shim of a container; empty if it is gone. */
  Optional<ShimConnection> of(Container container) {
    ShimConnection found = byContainer.get(container.id());
    if (found != null) {
      return Optional.of(found);
    }
    Optional<String> address = container.record().shimAddress();
    if (address.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(shims.reconnect(container.record().tenant(), address.get()));
    } catch (IOException gone) {
      log.atDebug()
          .addKeyValue("container", container.id())
          .addKeyValue("why", gone.getMessage())
          .log("shim is gone");
      return Optional.empty();
    }
  }
}
