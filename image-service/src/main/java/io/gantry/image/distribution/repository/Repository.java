package io.gantry.image.distribution.repository;

import io.gantry.image.reference.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One repository, which comes to be when something is put into it. Thread-safe; what is changed is
 * durable when the call returns.
 */
public final class Repository {

  private final RepositoryName name;
  private final Layout layout;
  // Held while a manifest, its tags and its place among referrers change together: those of one
  // repository must not be seen to disagree. Shared by all instances of the same repository.
  private final Object lock;

  Repository(RepositoryName name, Path home, Object lock) {
    this.name = name;
    this.layout = new Layout(home);
    this.lock = lock;
  }

  public RepositoryName name() {
    return name;
  }

  /** Whether there is anything in it. */
  public boolean exists() throws IOException {
    return !Layout.digests(layout.manifests()).isEmpty()
        || !Layout.digests(layout.blobs()).isEmpty();
  }

  /** Whether the blob belongs to this repository; a blob of another's is as good as absent. */
  public boolean hasBlob(Digest digest) {
    return Files.exists(layout.blob(digest));
  }

  /** Makes a blob of the content store this repository's; the caller holds it. */
  public void addBlob(Digest digest) throws IOException {
    DurableFiles.mark(layout.blob(digest));
    touchBlob(digest);
  }

  /**
   * Remembers that somebody counts on the blob from now on: a client that finds it here does not
   * send it, and its manifest comes later.
   */
  public void touchBlob(Digest digest) throws IOException {
    try {
      Files.setLastModifiedTime(layout.blob(digest), FileTime.from(Instant.now()));
    } catch (NoSuchFileException none) {
      // Then nobody found it.
    }
  }

  /** The blobs that nobody has pushed or touched since then. */
  Set<Digest> blobsUntouchedSince(Instant then) throws IOException {
    Set<Digest> old = new HashSet<>();
    for (Digest blob : Layout.digests(layout.blobs())) {
      if (isUntouchedSince(then, blob)) {
        old.add(blob);
      }
    }
    return old;
  }

  boolean removeBlobUntouchedSince(Instant then, Digest blob) throws IOException {
    return isUntouchedSince(then, blob) && removeBlob(blob);
  }

  private boolean isUntouchedSince(Instant then, Digest blob) throws IOException {
    try {
      return Files.getLastModifiedTime(layout.blob(blob)).toInstant().isBefore(then);
    } catch (NoSuchFileException gone) {
      return false;
    }
  }

  /**
   * Forgets a blob; the content store may then collect it.
   *
   * @return whether it was here
   */
  public boolean removeBlob(Digest digest) throws IOException {
    return DurableFiles.delete(layout.blob(digest));
  }

  public Optional<ManifestRecord> manifest(Digest digest) throws IOException {
    try {
      return Optional.of(ManifestRecord.parse(digest, Files.readAllBytes(layout.manifest(digest))));
    } catch (NoSuchFileException none) {
      return Optional.empty();
    }
  }

  /**
   * Adds a manifest, whose document the caller holds in the content store, and moves tags to it.
   */
  public void addManifest(ManifestRecord manifest, List<Tag> tags) throws IOException {
    synchronized (lock) {
      if (manifest.subject().isPresent()) {
        // First, for a referrer that is not here is passed over, and one not listed is lost.
        DurableFiles.mark(layout.referrer(manifest.subject().get(), manifest.digest()));
      }
      DurableFiles.write(layout.manifest(manifest.digest()), manifest.toJson());
      for (Tag tag : tags) {
        DurableFiles.write(
            layout.tag(tag), (manifest.digest() + "\n").getBytes(StandardCharsets.US_ASCII));
      }
    }
  }

  /**
   * Removes a manifest with its tags. What it is made of stays.
   *
   * @return whether it was here
   */
  public boolean removeManifest(Digest digest) throws IOException {
    synchronized (lock) {
      Optional<ManifestRecord> manifest = manifest(digest);
      if (manifest.isEmpty()) {
        return false;
      }
      for (Tag tag : tags()) {
        if (tag(tag).filter(digest::equals).isPresent()) {
          DurableFiles.delete(layout.tag(tag));
        }
      }
      DurableFiles.delete(layout.manifest(digest));
      if (manifest.get().subject().isPresent()) {
        DurableFiles.delete(layout.referrer(manifest.get().subject().get(), digest));
      }
      return true;
    }
  }

  /** What the tag stands for. */
  public Optional<Digest> tag(Tag tag) throws IOException {
    try {
      return Optional.of(Digest.parse(Files.readString(layout.tag(tag)).strip()));
    } catch (NoSuchFileException none) {
      return Optional.empty();
    }
  }

  /**
   * Removes a tag and leaves the manifest.
   *
   * @return whether it was here
   */
  public boolean removeTag(Tag tag) throws IOException {
    synchronized (lock) {
      return DurableFiles.delete(layout.tag(tag));
    }
  }

  /** All tags in their order. */
  public List<Tag> tags() throws IOException {
    List<Tag> all = new ArrayList<>();
    for (Path file : Layout.files(layout.tags())) {
      String text = file.getFileName().toString();
      if (Tag.isTag(text)) {
        all.add(new Tag(text));
      }
    }
    all.sort(Comparator.naturalOrder());
    return all;
  }

  /**
   * The digests of the manifests that are about that one, which need not be here itself, in their
   * order. One that is being removed may be among them.
   */
  public List<Digest> referrers(Digest subject) throws IOException {
    List<Digest> all = new ArrayList<>();
    for (Path file : Layout.files(layout.referrers(subject))) {
      Layout.referrer(file).ifPresent(all::add);
    }
    all.sort(Comparator.comparing(Digest::toString));
    return all;
  }

  /** The digests of all manifests, in no order. */
  public List<Digest> manifests() throws IOException {
    return Layout.digests(layout.manifests());
  }

  /** Everything that the content store must keep for this repository. */
  Set<Digest> content() throws IOException {
    Set<Digest> all = new HashSet<>(Layout.digests(layout.blobs()));
    all.addAll(Layout.digests(layout.manifests()));
    return all;
  }

  boolean hasManifests() throws IOException {
    return !Layout.digests(layout.manifests()).isEmpty();
  }
}
