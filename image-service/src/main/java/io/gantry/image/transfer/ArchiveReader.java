package io.gantry.image.transfer;

import static io.gantry.image.failure.ImageException.Kind.CORRUPT;
import static io.gantry.image.failure.ImageException.Kind.UNSUPPORTED;

import io.gantry.image.content.ContentStore;
import io.gantry.image.content.NewBlob;
import io.gantry.image.failure.ImageException;
import io.gantry.image.graph.ImageGraph;
import io.gantry.image.manifest.Descriptor;
import io.gantry.image.manifest.DockerArchiveEntry;
import io.gantry.image.manifest.LayoutIndex;
import io.gantry.image.manifest.MediaTypes;
import io.gantry.image.reference.Digest;
import io.gantry.image.reference.InvalidReferenceException;
import io.gantry.image.reference.Reference;
import io.gantry.image.unpack.TarEntry;
import io.gantry.image.unpack.TarReader;
import io.gantry.image.unpack.UnpackLimits;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.ZipException;

/**
 * Reads an archive of images, of either form or both, compressed or not, in one pass. What it
 * brings is in the content store afterwards, held by the caller's holder; nothing else is kept.
 */
public final class ArchiveReader {

  /** Told of each blob that was read. */
  @FunctionalInterface
  public interface Listener {
    void read(Digest blob, long sizeBytes) throws IOException;
  }

  private final ContentStore content;
  private final NewBlob.Holder holder;
  private final Listener listener;
  private final UnpackLimits limits;

  public ArchiveReader(
      ContentStore content, NewBlob.Holder holder, Listener listener, UnpackLimits limits) {
    this.content = content;
    this.holder = holder;
    this.listener = listener;
    this.limits = limits;
  }

  /**
   * Reads a whole archive.
   *
   * @param archive not closed
   * @return its images, each once
   * @throws ImageException CORRUPT if the archive is malformed or hostile, UNSUPPORTED if it is of
   *     a form that is no longer written
   */
  public List<ArchivedImage> read(InputStream archive) throws IOException {
    ArchiveMembers members = new ArchiveMembers(content, holder, listener);
    InputStream bytes = BombGuard.decompressed(archive, limits);
    TarReader tar = new TarReader(bytes);
    try {
      Optional<TarEntry> entry = tar.next();
      while (entry.isPresent()) {
        members.take(entry.get(), tar);
        entry = tar.next();
      }
      // The padding behind the end: a caller that is not read to its end would see a broken pipe.
      bytes.skip(Long.MAX_VALUE);
    } catch (ImageException e) {
      throw e;
    } catch (EOFException | ZipException e) {
      throw new ImageException(CORRUPT, "the archive is cut short or damaged: " + words(e), e);
    } catch (IOException e) {
      throw BombGuard.isMalformed(e)
          ? new ImageException(CORRUPT, "the archive is no tar archive: " + words(e), e)
          : e;
    }
    return images(members);
  }

  private static String words(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private List<ArchivedImage> images(ArchiveMembers members) throws IOException {
    Optional<byte[]> index = members.document("index.json");
    Optional<byte[]> manifest = members.document("manifest.json");
    if (index.isPresent()) {
      List<ArchivedImage> images = layout(LayoutIndex.parse(index.get()));
      if (images.isEmpty()) {
        throw new ImageException(CORRUPT, "the archive's index.json names no image");
      }
      return images;
    }
    if (manifest.isPresent()) {
      DockerArchive docker = new DockerArchive(content, holder, members);
      List<ArchivedImage> images = new ArrayList<>();
      for (DockerArchiveEntry entry : DockerArchiveEntry.parse(manifest.get())) {
        images.add(new ArchivedImage(docker.manifest(entry), names(entry.repoTags())));
      }
      if (images.isEmpty()) {
        throw new ImageException(CORRUPT, "the archive's manifest.json names no image");
      }
      return images;
    }
    if (members.document("repositories").isPresent()) {
      throw new ImageException(
          UNSUPPORTED,
          "the archive is of Docker before 1.10; save the image again with a newer one");
    }
    throw new ImageException(
        CORRUPT,
        "the archive is neither an OCI image layout nor what `docker save` writes: it has no"
            + " index.json and no manifest.json");
  }

  /** Entries for one target are one image with several names. */
  private List<ArchivedImage> layout(LayoutIndex index) throws IOException {
    Map<Digest, Descriptor> targets = new LinkedHashMap<>();
    Map<Digest, Set<String>> names = new LinkedHashMap<>();
    for (LayoutIndex.Entry entry : index.entries()) {
      Digest digest = entry.target().digest();
      targets.putIfAbsent(digest, entry.target());
      Set<String> all = names.computeIfAbsent(digest, any -> new LinkedHashSet<>());
      name(entry).ifPresent(all::add);
    }
    Set<Digest> parts = parts(targets.values());
    List<ArchivedImage> images = new ArrayList<>();
    for (Map.Entry<Digest, Descriptor> target : targets.entrySet()) {
      List<Reference> own = names(List.copyOf(names.get(target.getKey())));
      if (!own.isEmpty() || !parts.contains(target.getKey())) {
        images.add(new ArchivedImage(target.getValue(), own));
      }
    }
    return images;
  }

  /**
   * What the layout's indexes lead to: some list that beside them, and it is no image of its own.
   */
  private Set<Digest> parts(Collection<Descriptor> targets) throws IOException {
    Set<Digest> parts = new HashSet<>();
    ImageGraph graph = new ImageGraph(content);
    for (Descriptor target : targets) {
      if (MediaTypes.isIndex(target.mediaType()) && content.has(target.digest())) {
        graph.reach(target).here().stream()
            .filter(digest -> !digest.equals(target.digest()))
            .forEach(parts::add);
      }
    }
    return parts;
  }

  /**
   * A layout's own names are those of an image only if they could be nothing else: many are a mere
   * tag.
   */
  private static Optional<String> name(LayoutIndex.Entry entry) {
    String full = entry.annotations().getOrDefault(LayoutIndex.IMAGE_NAME, "");
    if (!full.isEmpty()) {
      return Optional.of(full);
    }
    String own = entry.annotations().getOrDefault(LayoutIndex.REF_NAME, "");
    return own.contains(":") || own.contains("/") ? Optional.of(own) : Optional.empty();
  }

  private static List<Reference> names(List<String> texts) throws ImageException {
    List<Reference> names = new ArrayList<>();
    for (String text : texts) {
      try {
        Reference name = Reference.parse(text);
        if (name.repoTag().isPresent()) {
          names.add(name);
        }
      } catch (InvalidReferenceException e) {
        throw new ImageException(
            CORRUPT, "the archive has an image of a bad name: " + e.getMessage(), e);
      }
    }
    return names;
  }
}
