package io.gantry.image;

import io.gantry.image.reference.InvalidReferenceException;
import io.gantry.image.reference.Reference;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which images are pinned, so that a kubelet that makes room leaves them alone: by whole name
 * ({@code registry.k8s.io/pause:3.9}), by the beginning ({@code registry.example/system/*}) or by a
 * part ({@code *pause*}).
 *
 * @param patterns with asterisks at the end, or at both, and nowhere else
 */
public record PinnedNames(List<String> patterns) {

  /** No image. */
  public static final PinnedNames NONE = new PinnedNames(List.of());

  public PinnedNames {
    patterns = List.copyOf(patterns);
    patterns.forEach(PinnedNames::check);
  }

  /**
   * @throws IllegalArgumentException if it is no pattern; the message says why
   */
  private static void check(String pattern) {
    String middle = middleOf(pattern);
    boolean onlyAtFront = pattern.startsWith("*") && !pattern.endsWith("*");
    if (middle.isEmpty() || middle.contains("*") || onlyAtFront) {
      throw new IllegalArgumentException(
          "\""
              + pattern
              + "\" pins no images: a name, the beginning of one with * behind it, or a part with *"
              + " on both sides");
    }
    if (!pattern.endsWith("*")) {
      try {
        Reference.parse(pattern);
      } catch (InvalidReferenceException e) {
        throw new IllegalArgumentException(e.getMessage(), e);
      }
    }
  }

  private static String middleOf(String pattern) {
    int from = pattern.startsWith("*") ? 1 : 0;
    int to = pattern.length() - (pattern.length() > from && pattern.endsWith("*") ? 1 : 0);
    return pattern.substring(from, to);
  }

  /** Whether one of an image's names fits. */
  boolean fits(ImageRecord image) {
    return patterns.stream()
        .anyMatch(
            pattern ->
                Stream.concat(image.repoTags().stream(), image.repoDigests().stream())
                    .anyMatch(name -> fits(pattern, name)));
  }

  private static boolean fits(String pattern, String name) {
    if (pattern.startsWith("*")) {
      return name.contains(middleOf(pattern));
    }
    return pattern.endsWith("*") ? name.startsWith(middleOf(pattern)) : name.equals(whole(pattern));
  }

  /** As images' names are shown: with their host and tag, or their digest. */
  private static String whole(String name) {
    try {
      Reference reference = Reference.parse(name);
      return reference
          .digest()
          .map(reference::repoDigest)
          .orElseGet(() -> reference.repoTag().orElse(name));
    } catch (InvalidReferenceException e) {
      throw new IllegalStateException("it was checked when it was made", e);
    }
  }
}
