package io.gantry.image.transfer;

import io.gantry.image.manifest.Descriptor;
import io.gantry.image.reference.Reference;
import java.util.List;
import java.util.Objects;

/**
 * One image of an archive.
 *
 * @param target its manifest, or an index that leads to it
 * @param names by tag; may be none
 */
public record ArchivedImage(Descriptor target, List<Reference> names) {
  public ArchivedImage {
    Objects.requireNonNull(target);
    names = List.copyOf(names);
  }
}
