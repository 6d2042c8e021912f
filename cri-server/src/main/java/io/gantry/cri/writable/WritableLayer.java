package io.gantry.cri.writable;

import io.gantry.image.ImageRecord;
import io.gantry.image.manifest.ImageConfig;
import io.gantry.image.reference.Digest;
import io.gantry.image.snapshot.ChainId;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A writable layer, which stays when the containers that use it go.
 *
 * @param key chosen by who made it
 * @param asked the name by which its image was asked for; empty for none
 * @param image the image that it stands on, as it was then; all of it stays with the layer
 * @param made false while it is being made or removed, which a crash may have broken off
 */
public record WritableLayer(
    String key, String asked, Optional<ImageRecord> image, Instant createdAt, boolean made) {

  // No key of a container's own file system has a dot after these letters: those are hexadecimal.
  private static final String PREFIX = "layer.";
  private static final Pattern KEY = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
  private static final String NO_CONFIG = "{}";

  public WritableLayer {
    Objects.requireNonNull(asked);
    Objects.requireNonNull(image);
    Objects.requireNonNull(createdAt);
    if (!KEY.matcher(key).matches()) {
      throw new IllegalArgumentException(
          "\""
              + key
              + "\" is no key for a layer: 1 to 128 of A-Z a-z 0-9 . _ -, beginning with a letter"
              + " or digit");
    }
  }

  /** Its key among the image service's file systems. */
  public String snapshotKey() {
    return snapshotKey(key);
  }

  static String snapshotKey(String key) {
    return PREFIX + key;
  }

  /** Whether a file system is the one of a layer, and of which. */
  static Optional<String> keyOfSnapshot(String snapshotKey) {
    return snapshotKey.startsWith(PREFIX)
        ? Optional.of(snapshotKey.substring(PREFIX.length()))
        : Optional.empty();
  }

  /** The chain that it stands on. */
  public Optional<ChainId> chain() {
    return image.flatMap(ImageRecord::topChainId);
  }

  /** Its image; one that has nothing and says nothing where it stands on none. */
  public ImageRecord imageOrNothing() {
    return image.orElseGet(
        () ->
            new ImageRecord(
                Digest.sha256(NO_CONFIG.getBytes(StandardCharsets.UTF_8)),
                List.of(),
                List.of(),
                1,
                new ImageConfig(
                    "",
                    List.of(),
                    List.of(),
                    List.of(),
                    "",
                    Set.of(),
                    Optional.empty(),
                    Map.of(),
                    Set.of()),
                Optional.empty(),
                NO_CONFIG,
                Map.of(),
                List.of(),
                false,
                createdAt));
  }

  WritableLayer withMade(boolean nowMade) {
    return new WritableLayer(key, asked, image, createdAt, nowMade);
  }
}
