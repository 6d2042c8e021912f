package io.gantry.image.transfer;

import static io.gantry.image.failure.ImageException.Kind.CORRUPT;

import io.gantry.image.content.ContentStore;
import io.gantry.image.content.NewBlob;
import io.gantry.image.failure.ImageException;
import io.gantry.image.manifest.Descriptor;
import io.gantry.image.manifest.DockerArchiveEntry;
import io.gantry.image.manifest.ImageDocument;
import io.gantry.image.manifest.ManifestBuilder;
import io.gantry.image.manifest.MediaTypes;
import io.gantry.image.reference.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Makes manifests for the images of an archive that has none: layers stay the blobs they came as.
 */
final class DockerArchive {

  private final ContentStore content;
  private final NewBlob.Holder holder;
  private final ArchiveMembers members;

  DockerArchive(ContentStore content, NewBlob.Holder holder, ArchiveMembers members) {
    this.content = content;
    this.holder = holder;
    this.members = members;
  }

  /** Writes configuration and manifest into the store. */
  Descriptor manifest(DockerArchiveEntry entry) throws IOException {
    byte[] config = members.configuration(entry.config());
    ImageDocument document =
        ImageDocument.parse(
            "the archive's configuration " + ArchivePath.shown(entry.config()), config);
    if (document.diffIds().size() != entry.layers().size()) {
      throw new ImageException(
          CORRUPT,
          "the archive's image "
              + ArchivePath.shown(entry.config())
              + " has "
              + document.diffIds().size()
              + " layers by its configuration and "
              + entry.layers().size()
              + " in manifest.json");
    }
    List<Descriptor> layers = new ArrayList<>();
    for (String layer : entry.layers()) {
      Digest digest = members.file(layer);
      layers.add(
          new Descriptor(layerType(digest), digest, content.sizeOf(digest), Optional.empty()));
    }
    Descriptor stored = store(MediaTypes.OCI_CONFIG, config);
    return store(MediaTypes.OCI_MANIFEST, ManifestBuilder.manifest(stored, layers));
  }

  private Descriptor store(String mediaType, byte[] bytes) throws IOException {
    Digest digest = Digest.sha256(bytes);
    holder.hold(digest);
    content.write(digest, bytes);
    return new Descriptor(mediaType, digest, bytes.length, Optional.empty());
  }

  private String layerType(Digest digest) throws IOException {
    try (InputStream in = content.open(digest)) {
      return MediaTypes.layerType(in.readNBytes(4));
    }
  }
}
