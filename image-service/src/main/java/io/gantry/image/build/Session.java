package io.gantry.image.build;

import io.gantry.image.ImageWorkshop;
import io.gantry.image.archive.LayerArchive;
import io.gantry.image.build.cache.CacheDirectories;
import io.gantry.image.build.cache.StepCache;
import io.gantry.image.tree.Timestamp;
import io.gantry.image.work.Cancellation;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * What all parts of one build share.
 *
 * @param hold keeps everything that the build is at
 * @param epoch what no time in the image may be later than, if anybody says so
 * @param scratch a directory for what is needed on the way; gone with the build
 */
record Session(
    ImageWorkshop workshop,
    ImageWorkshop.Hold hold,
    BuildRequest request,
    BuildOutput output,
    Cancellation cancellation,
    StepCache cache,
    CacheDirectories cacheDirectories,
    LayerMaker layers,
    ImageWriter images,
    BaseImages bases,
    StepRunner runner,
    ContextDirectory context,
    BuildVariables variables,
    Optional<Instant> epoch,
    Path scratch,
    Clock clock) {

  /** When something happens that the image tells of. */
  Instant now() {
    return epoch.orElseGet(clock::instant);
  }

  /** The time of files that are made by the build itself. */
  Timestamp fileTime() {
    return new Timestamp(now().getEpochSecond(), 0);
  }

  /** How layers are written. */
  LayerArchive.Form form(Set<String> stubs) {
    return new LayerArchive.Form(epoch.map(time -> new Timestamp(time.getEpochSecond(), 0)), stubs);
  }
}
