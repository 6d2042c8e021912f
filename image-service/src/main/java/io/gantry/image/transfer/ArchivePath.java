package io.gantry.image.transfer;

import static io.gantry.image.failure.ImageException.Kind.CORRUPT;

import io.gantry.image.failure.ImageException;
import io.gantry.image.reference.Digest;
import io.gantry.image.reference.InvalidReferenceException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Names of members. They are looked up in memory and never on disk. */
final class ArchivePath {

  private static final String BLOBS = "blobs/";

  private ArchivePath() {}

  /**
   * The name without {@code .} and empty parts.
   *
   * @throws ImageException CORRUPT if it leaves the archive
   */
  static String of(String name) throws ImageException {
    return resolve("", name);
  }

  /** What a link in a directory of the archive leads to. */
  static String resolve(String directory, String link) throws ImageException {
    if (link.startsWith("/")) {
      throw outside(link);
    }
    List<String> parts = new ArrayList<>();
    for (String part : (directory + "/" + link).split("/")) {
      if (part.equals("..")) {
        if (parts.isEmpty()) {
          throw outside(link);
        }
        parts.remove(parts.size() - 1);
      } else if (!part.isEmpty() && !part.equals(".")) {
        parts.add(part);
      }
    }
    return String.join("/", parts);
  }

  static String directoryOf(String path) {
    int slash = path.lastIndexOf('/');
    return slash < 0 ? "" : path.substring(0, slash);
  }

  /** The digest that a layout's blob has by its path; nothing for other members. */
  static Optional<Digest> blob(String path) throws ImageException {
    if (!path.startsWith(BLOBS)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Digest.parse(path.substring(BLOBS.length()).replace('/', ':')));
    } catch (InvalidReferenceException e) {
      throw new ImageException(CORRUPT, "the archive's blob " + shown(path) + " has no digest", e);
    }
  }

  private static ImageException outside(String name) {
    return new ImageException(CORRUPT, "the archive's name " + shown(name) + " leads out of it");
  }

  /** For messages: a stranger's name, cut short and without control characters. */
  static String shown(String name) {
    String cut = name.length() > 120 ? name.substring(0, 120) + "…" : name;
    return '"' + cut.replaceAll("\\p{Cntrl}", "?") + '"';
  }
}
