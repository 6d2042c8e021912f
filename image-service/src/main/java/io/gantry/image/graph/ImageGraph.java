package io.gantry.image.graph;

import static io.gantry.image.failure.ImageException.Kind.CORRUPT;
import static io.gantry.image.failure.ImageException.Kind.NOT_FOUND;

import io.gantry.image.content.ContentStore;
import io.gantry.image.failure.ImageException;
import io.gantry.image.manifest.Descriptor;
import io.gantry.image.manifest.ManifestParser;
import io.gantry.image.manifest.ManifestSummary;
import io.gantry.image.reference.Digest;
import io.gantry.image.registry.RemoteRepository;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads how the documents in a content store hang together. Thread-safe. */
public final class ImageGraph {

  private static final int NESTING_LIMIT = 6;

  private final ContentStore content;

  public ImageGraph(ContentStore content) {
    this.content = content;
  }

  /**
   * Reads a manifest or index.
   *
   * @param mediaType what it is said to be, "" if nothing is
   * @throws ImageException NOT_FOUND if it is not here, CORRUPT if it is malformed
   */
  public Document read(Digest digest, String mediaType) throws IOException {
    byte[] bytes = content.read(digest, RemoteRepository.DOCUMENT_LIMIT_BYTES);
    String what = "document " + digest;
    String type = ManifestParser.mediaType(what, bytes, mediaType);
    return new Document(
        new Descriptor(type, digest, bytes.length, Optional.empty()),
        bytes,
        ManifestSummary.parse(what, bytes, type));
  }

  /** All that a document leads to, itself included, which must be here. */
  public Reach reach(Descriptor target) throws IOException {
    Walk walk = new Walk();
    walk.document(target, 0);
    return new Reach(walk.documents, walk.blobs, walk.missing);
  }

  /** Whether a manifest's blobs, or all that an index leads to, are here with it. */
  public boolean isComplete(Descriptor target) throws IOException {
    return content.has(target.digest()) && reach(target).isComplete();
  }

  /** The manifest with that configuration, if the document is it or leads to it. */
  public Optional<Document> manifestOf(Descriptor target, Digest config) throws IOException {
    if (!content.has(target.digest())) {
      return Optional.empty();
    }
    return reach(target).documents().stream()
        .filter(document -> leadsTo(document, config))
        .findFirst();
  }

  private static boolean leadsTo(Document document, Digest config) {
    List<Descriptor> blobs = document.summary().blobs();
    return !blobs.isEmpty() && blobs.get(0).digest().equals(config);
  }

  /**
   * The outermost document that leads to the image with that configuration, for images of which
   * nothing was noted.
   *
   * @param parts all blobs of the image
   * @throws ImageException NOT_FOUND if none of them does
   */
  public Descriptor targetOf(Digest config, Collection<Digest> parts) throws IOException {
    Optional<Descriptor> manifest = Optional.empty();
    for (Digest part : parts) {
      Optional<Document> document = part.equals(config) ? Optional.empty() : tryRead(part);
      if (document.isPresent() && manifestOf(document.get().descriptor(), config).isPresent()) {
        if (document.get().summary().blobs().isEmpty()) {
          return document.get().descriptor();
        }
        manifest = Optional.of(document.get().descriptor());
      }
    }
    return manifest.orElseThrow(
        () -> new ImageException(NOT_FOUND, "the manifest of image " + config + " is not here"));
  }

  /** Nothing if the blob is not here, too large, or no document. */
  private Optional<Document> tryRead(Digest blob) throws IOException {
    if (!content.has(blob) || content.sizeOf(blob) > RemoteRepository.DOCUMENT_LIMIT_BYTES) {
      return Optional.empty();
    }
    try {
      return Optional.of(read(blob, ""));
    } catch (ImageException none) {
      return Optional.empty();
    }
  }

  private final class Walk {
    final List<Document> documents = new ArrayList<>();
    final List<Descriptor> blobs = new ArrayList<>();
    final List<Descriptor> missing = new ArrayList<>();
    private final Set<Digest> seen = new HashSet<>();

    void document(Descriptor descriptor, int depth) throws IOException {
      if (depth > NESTING_LIMIT) {
        throw new ImageException(
            CORRUPT, "indexes are nested more than " + NESTING_LIMIT + " deep");
      }
      if (!seen.add(descriptor.digest())) {
        return;
      }
      if (depth > 0 && !content.has(descriptor.digest())) {
        missing.add(descriptor);
        return;
      }
      Document document = read(descriptor.digest(), descriptor.mediaType());
      for (Descriptor child : document.summary().manifests()) {
        document(child, depth + 1);
      }
      for (Descriptor blob : document.summary().blobs()) {
        if (seen.add(blob.digest())) {
          (content.has(blob.digest()) ? blobs : missing).add(blob);
        }
      }
      documents.add(document);
    }
  }
}
