package io.gantry.image.distribution.repository;

import io.gantry.image.reference.Digest;
import io.gantry.image.reference.InvalidReferenceException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where things of one repository lie. Names that begin with an underscore cannot be those of
 * repositories, so that {@code a/b} may lie within {@code a}.
 *
 * @param home the repository's own directory, which need not exist
 */
record Layout(Path home) {

  /** What the names of a repository's own directories begin with. */
  static final String OWN_PREFIX = "_";

  /** {@code _blobs/ALGORITHM/HEX}, empty: the blob belongs to the repository. */
  Path blob(Digest digest) {
    return in(blobs(), digest);
  }

  Path blobs() {
    return home.resolve("_blobs");
  }

  /** {@code _manifests/ALGORITHM/HEX}: what is remembered of the manifest. */
  Path manifest(Digest digest) {
    return in(manifests(), digest);
  }

  Path manifests() {
    return home.resolve("_manifests");
  }

  /** {@code _tags/TAG}: the digest that the tag stands for. */
  Path tag(Tag tag) {
    return tags().resolve(tag.text());
  }

  Path tags() {
    return home.resolve("_tags");
  }

  /** {@code _referrers/ALGORITHM/HEX/}: one empty file per manifest that is about that one. */
  Path referrers(Digest subject) {
    return in(home.resolve("_referrers"), subject);
  }

  Path referrer(Digest subject, Digest referrer) {
    return referrers(subject).resolve(referrer.algorithm().prefix() + "-" + referrer.hex());
  }

  static Optional<Digest> referrer(Path file) {
    return digest(file.getFileName().toString().replaceFirst("-", ":"));
  }

  private static Path in(Path directory, Digest digest) {
    return directory.resolve(digest.algorithm().prefix()).resolve(digest.hex());
  }

  /** The digests of what lies in {@link #blobs()} or {@link #manifests()}. */
  static List<Digest> digests(Path directory) throws IOException {
    List<Digest> all = new ArrayList<>();
    for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
      for (Path file : files(directory.resolve(algorithm.prefix()))) {
        digest(algorithm.prefix() + ":" + file.getFileName()).ifPresent(all::add);
      }
    }
    return all;
  }

  private static Optional<Digest> digest(String text) {
    try {
      return Optional.of(Digest.parse(text));
    } catch (InvalidReferenceException foreign) {
      return Optional.empty();
    }
  }

  /** What lies in a directory, in no order; nothing if there is none. */
  static List<Path> files(Path directory) throws IOException {
    List<Path> all = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      files.forEach(all::add);
    } catch (NoSuchFileException | NotDirectoryException none) {
      return List.of();
    } catch (java.nio.file.DirectoryIteratorException e) {
      throw e.getCause();
    }
    return all;
  }
}
