package io.gantry.image;

import io.gantry.image.reference.Digest;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Images that are there for a while, for steps of a build: found by their whole id alone. Several
 * builds may be at the same one. Thread-safe.
 */
final class PassingImages {

  private record Entry(ImageRecord image, int users) {}

  // Guarded by this.
  private final Map<Digest, Entry> images = new HashMap<>();

  synchronized void add(ImageRecord image) {
    Entry known = images.get(image.id());
    images.put(image.id(), new Entry(image, known == null ? 1 : known.users + 1));
  }

  synchronized void remove(Digest id) {
    images.computeIfPresent(
        id, (key, entry) -> entry.users == 1 ? null : new Entry(entry.image, entry.users - 1));
  }

  synchronized Optional<ImageRecord> find(String id) {
    return images.values().stream()
        .map(Entry::image)
        .filter(image -> image.id().toString().equals(id))
        .findFirst();
  }
}
