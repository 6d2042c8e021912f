package io.gantry.image.build;

import io.gantry.image.ImageRecord;
import io.gantry.image.ImageWorkshop;
import io.gantry.image.build.cache.CacheDirectories;
import io.gantry.image.build.cache.CachedLayer;
import io.gantry.image.build.cache.CachedStep;
import io.gantry.image.build.cache.StepCache;
import io.gantry.image.reference.Digest;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Tells what builds have left for later ones, and removes it. Thread-safe. */
public final class CacheUpkeep {

  /**
   * One thing that is kept.
   *
   * @param parent the step before; empty for none
   * @param ofImage whether an image that is here has the layer as well
   */
  public record Entry(
      String id,
      String parent,
      String description,
      long sizeBytes,
      Instant created,
      Instant lastUsed,
      int uses,
      boolean inUse,
      boolean ofImage) {}

  /**
   * What is to go.
   *
   * @param all also what images have as well
   * @param keepBytes the longest unused go until no more than this is left; 0 for all of them
   * @param unusedFor only what was not used for so long
   */
  public record Pruning(boolean all, long keepBytes, Duration unusedFor) {}

  /** What has gone. */
  public record Pruned(List<String> ids, long freedBytes) {}

  private final ImageWorkshop workshop;
  private final StepCache steps;
  private final CacheDirectories directories;

  CacheUpkeep(ImageWorkshop workshop, StepCache steps, CacheDirectories directories) {
    this.workshop = workshop;
    this.steps = steps;
    this.directories = directories;
  }

  /** All that is kept, the longest unused first. */
  public List<Entry> list() throws IOException {
    Set<Digest> ofImages = new HashSet<>();
    for (ImageRecord image : workshop.images().list()) {
      ofImages.addAll(image.blobs());
    }
    List<Entry> entries = new ArrayList<>();
    for (CachedStep step : steps.all()) {
      Optional<CachedLayer> layer = step.layer();
      entries.add(
          new Entry(
              step.key().hex(),
              step.parent().hex(),
              step.description(),
              layer.map(CachedLayer::sizeBytes).orElse(0L),
              step.created(),
              step.lastUsed(),
              step.uses(),
              steps.isInUse(step.key()),
              layer.map(one -> ofImages.contains(one.blob())).orElse(false)));
    }
    for (CacheDirectories.Entry directory : directories.all()) {
      entries.add(
          new Entry(
              directory.key().hex(),
              "",
              "cache mount " + directory.id(),
              directory.sizeBytes(),
              directory.created(),
              directory.lastUsed(),
              0,
              directory.inUse(),
              false));
    }
    entries.sort(Comparator.comparing(Entry::lastUsed));
    return entries;
  }

  /** Removes what may go. */
  public Pruned prune(Pruning pruning) throws IOException {
    List<Entry> entries = list();
    long kept = entries.stream().mapToLong(Entry::sizeBytes).sum();
    Instant latest = directories.now().minus(pruning.unusedFor());
    List<String> ids = new ArrayList<>();
    long freed = 0;
    for (Entry entry : entries) {
      boolean may = !entry.inUse() && (pruning.all() || !entry.ofImage());
      boolean old = !entry.lastUsed().isAfter(latest);
      boolean enough = pruning.keepBytes() > 0 && kept <= pruning.keepBytes();
      if (may && old && !enough && remove(entry)) {
        ids.add(entry.id());
        kept -= entry.sizeBytes();
        freed += entry.ofImage() ? 0 : entry.sizeBytes();
      }
    }
    workshop.collect();
    return new Pruned(ids, freed);
  }

  private boolean remove(Entry entry) throws IOException {
    Digest key = Digest.parse("sha256:" + entry.id());
    if (entry.parent().isEmpty()) {
      return directories.remove(key);
    }
    steps.remove(key);
    return true;
  }
}
