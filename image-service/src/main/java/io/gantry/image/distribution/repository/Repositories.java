package io.gantry.image.distribution.repository;

import io.gantry.image.content.BlobClaims;
import io.gantry.image.reference.Digest;
import io.gantry.image.reference.InvalidReferenceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * All repositories of a registry, below one directory; nothing of them is kept in memory.
 * Thread-safe.
 */
public final class Repositories implements BlobClaims.Claimant {

  private static final int LOCKS = 64;

  private final Path root;
  // Striped by name, so that there are not as many as there ever were repositories.
  private final List<Object> locks =
      IntStream.range(0, LOCKS).mapToObj(any -> new Object()).toList();

  private Repositories(Path root) {
    this.root = root;
  }

  /** Opens the repositories below {@code root}, and makes it if it is not there. */
  public static Repositories open(Path root) throws IOException {
    Files.createDirectories(root);
    return new Repositories(root);
  }

  public Repository get(RepositoryName name) {
    return new Repository(
        name, root.resolve(name.text()), locks.get(Math.floorMod(name.hashCode(), LOCKS)));
  }

  /** The names of those that have a manifest, in their order. */
  public List<RepositoryName> names() throws IOException {
    List<RepositoryName> all = new ArrayList<>();
    for (RepositoryName name : directories()) {
      if (get(name).hasManifests()) {
        all.add(name);
      }
    }
    all.sort(RepositoryName::compareTo);
    return all;
  }

  /** The names of all that there are or may have been, in no order. */
  List<RepositoryName> all() throws IOException {
    return directories();
  }

  /** The names of those that have the blob, in no order. */
  public List<RepositoryName> withBlob(Digest digest) throws IOException {
    return directories().stream().filter(name -> get(name).hasBlob(digest)).toList();
  }

  @Override
  public Set<Digest> claimed() throws IOException {
    Set<Digest> all = new HashSet<>();
    for (RepositoryName name : directories()) {
      all.addAll(get(name).content());
    }
    return all;
  }

  private List<RepositoryName> directories() throws IOException {
    List<RepositoryName> all = new ArrayList<>();
    collect(root, "", all);
    return all;
  }

  private static void collect(Path directory, String prefix, List<RepositoryName> into)
      throws IOException {
    for (Path file : Layout.files(directory)) {
      String part = file.getFileName().toString();
      if (!part.startsWith(Layout.OWN_PREFIX)) {
        Optional<RepositoryName> name = parse(prefix + part);
        if (name.isPresent()) {
          into.add(name.get());
          collect(file, prefix + part + "/", into);
        }
      }
    }
  }

  private static Optional<RepositoryName> parse(String name) {
    try {
      return Optional.of(RepositoryName.parse(name));
    } catch (InvalidReferenceException foreign) {
      return Optional.empty();
    }
  }
}
