package io.gantry.image;

import io.gantry.image.graph.Document;
import io.gantry.image.graph.ImageGraph;
import io.gantry.image.manifest.Descriptor;
import io.gantry.image.manifest.ImageDocument;
import io.gantry.image.reference.Digest;
import io.gantry.image.reference.Reference;
import io.gantry.image.snapshot.ChainId;
import io.gantry.image.snapshot.OverlaySnapshots;
import io.gantry.image.tree.DiskUsage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The names of images, given and taken, and what is behind them. Thread-safe. */
public final class ImageNames {

  /** Frees what a removed image has left. */
  interface Removal {
    void finish() throws IOException;
  }

  private final ImageRecords records;
  private final ImageGraph graph;
  private final OverlaySnapshots snapshots;
  private final Removal removal;
  private final Clock clock;

  ImageNames(
      ImageRecords records,
      ImageGraph graph,
      OverlaySnapshots snapshots,
      Removal removal,
      Clock clock) {
    this.records = records;
    this.graph = graph;
    this.snapshots = snapshots;
    this.removal = removal;
    this.clock = clock;
  }

  /**
   * Gives an image one more name, which is taken from the image that had it.
   *
   * @param name with a tag and without a digest
   * @return the image; nothing if there is none of that name or id
   */
  public Optional<ImageRecord> tag(String nameOrId, Reference name) throws IOException {
    String tag =
        name.repoTag()
            .orElseThrow(() -> new IllegalArgumentException(name + " has a digest, so no tag"));
    Optional<ImageRecord> image = records.find(nameOrId);
    return image.isPresent()
        ? records.tag(image.get().id(), tag, clock.instant())
        : Optional.empty();
  }

  /**
   * What a name was taken from.
   *
   * @param removed whether it went with the name, its last
   */
  public record Untagged(Digest id, boolean removed) {}

  /**
   * Takes one name from an image. With its last name it is removed, and what only it needed.
   *
   * @return nothing if no image has that name
   */
  public Optional<Untagged> untag(Reference name) throws IOException {
    Optional<ImageRecords.Untagged> untagged = records.untag(name);
    if (untagged.isPresent() && untagged.get().wasLast()) {
      removal.finish();
    }
    return untagged.map(done -> new Untagged(done.image().id(), done.wasLast()));
  }

  /** All that is known of an image that is here. */
  public ImageDetails details(ImageRecord image) throws IOException {
    Descriptor target = Contents.targetOf(image, graph);
    Document manifest = Contents.manifestOf(image, target, graph);
    List<Digest> diffIds =
        ImageDocument.parse(
                "configuration " + image.id(), image.configJson().getBytes(StandardCharsets.UTF_8))
            .diffIds();
    List<Descriptor> blobs = manifest.summary().blobs();
    List<ImageDetails.Layer> layers = new ArrayList<>();
    Optional<ChainId> chain = Optional.empty();
    for (int i = 0; i < diffIds.size() && i + 1 < blobs.size(); i++) {
      Digest diffId = diffIds.get(i);
      ChainId next = chain.map(below -> below.then(diffId)).orElseGet(() -> ChainId.first(diffId));
      layers.add(
          new ImageDetails.Layer(
              blobs.get(i + 1), diffId, next, snapshots.layerUsage(next).map(DiskUsage::bytes)));
      chain = Optional.of(next);
    }
    return new ImageDetails(image, target, manifest.bytes(), layers);
  }
}
