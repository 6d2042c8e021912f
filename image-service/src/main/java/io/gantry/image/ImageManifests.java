package io.gantry.image;

import io.gantry.image.content.ContentStore;
import io.gantry.image.failure.ImageException;
import io.gantry.image.manifest.ImageDocument;
import io.gantry.image.manifest.Manifest;
import io.gantry.image.manifest.ManifestParser;
import io.gantry.image.reference.Digest;
import io.gantry.image.registry.RemoteRepository;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** The manifests of images that are here. Thread-safe. */
final class ImageManifests {

  private final ContentStore content;

  ImageManifests(ContentStore content) {
    this.content = content;
  }

  /** The manifest of an image, if it is here and whole. */
  Optional<Manifest.Image> of(ImageRecord image) throws IOException {
    for (Digest blob : image.blobs()) {
      if (!content.has(blob) || content.sizeOf(blob) > RemoteRepository.DOCUMENT_LIMIT_BYTES) {
        continue;
      }
      byte[] bytes;
      try {
        bytes = content.read(blob, RemoteRepository.DOCUMENT_LIMIT_BYTES);
      } catch (ImageException damaged) {
        continue;
      }
      Optional<Manifest.Image> found = manifest(blob, bytes);
      if (found.isPresent() && found.get().config().digest().equals(image.id())) {
        return found;
      }
    }
    return Optional.empty();
  }

  private static Optional<Manifest.Image> manifest(Digest blob, byte[] bytes) {
    if (bytes.length == 0 || bytes[0] != '{') {
      return Optional.empty(); // A layer.
    }
    try {
      return ManifestParser.parse(blob.toString(), bytes, "") instanceof Manifest.Image image
          ? Optional.of(image)
          : Optional.empty();
    } catch (ImageException other) {
      return Optional.empty();
    }
  }

  /** What the layers of an image unpack to, bottom first. */
  static List<Digest> diffIds(ImageRecord image) throws ImageException {
    return ImageDocument.parse(
            "configuration of " + image.id(), image.configJson().getBytes(StandardCharsets.UTF_8))
        .diffIds();
  }
}
