package io.gantry.cri.recovery;

import io.gantry.cri.container.Bundles;
import io.gantry.cri.container.Container;
import io.gantry.cri.container.Containers;
import io.gantry.cri.container.Leftovers;
import io.gantry.cri.volume.ImageVolumes;
import io.gantry.image.snapshot.Snapshots;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What belongs to no container: a crash came before its record was written, or after it was
 * removed.
 */
public final class Orphans {
  private static final Logger log = LoggerFactory.getLogger(Orphans.class);

  private final Bundles bundles;
  private final Snapshots snapshots;
  private final Leftovers leftovers;
  private final Predicate<String> isKept;

  /**
   * @param isKept whether a snapshot is there for its own sake
   */
  public Orphans(
      Bundles bundles, Snapshots snapshots, Leftovers leftovers, Predicate<String> isKept) {
    this.bundles = bundles;
    this.snapshots = snapshots;
    this.leftovers = leftovers;
    this.isKept = isKept;
  }

  /** Removes one orphan. */
  @FunctionalInterface
  private interface Step {
    void on(String id) throws IOException;
  }

  /** Removes all of them; one that resists is told of and left to the next start. */
  void remove(Containers containers) throws IOException {
    Set<String> known = containers.all().stream().map(Container::id).collect(Collectors.toSet());
    each("bundle", bundles.list(), known, this::removeBundle);
    List<String> own = snapshots.list().stream().filter(Predicate.not(isKept)).toList();
    each("snapshot", own, known, snapshots::remove);
  }

  private void removeBundle(String id) throws IOException {
    leftovers.clear(id);
    bundles.remove(id);
  }

  private static void each(String kind, Collection<String> ids, Set<String> known, Step step) {
    for (String id : ids) {
      if (known.contains(ImageVolumes.container(id))) {
        continue;
      }
      try {
        step.on(id);
        log.atInfo().addKeyValue("kind", kind).addKeyValue("id", id).log("orphan removed");
      } catch (IOException | RuntimeException e) {
        log.atError()
            .setCause(e)
            .addKeyValue("kind", kind)
            .addKeyValue("id", id)
            .log("orphan not removed");
      }
    }
  }
}
