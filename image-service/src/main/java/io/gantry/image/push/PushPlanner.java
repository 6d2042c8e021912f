package io.gantry.image.push;

import io.gantry.image.graph.Document;
import io.gantry.image.graph.ImageGraph;
import io.gantry.image.graph.Reach;
import io.gantry.image.manifest.Descriptor;
import io.gantry.image.manifest.Manifest;
import io.gantry.image.manifest.ManifestBuilder;
import io.gantry.image.manifest.ManifestParser;
import io.gantry.image.manifest.ManifestSummary;
import io.gantry.image.manifest.MediaTypes;
import io.gantry.image.reference.Digest;
import io.gantry.image.registry.PushRepository;
import io.gantry.image.work.Cancellation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Decides what is sent of an image: the index that its name stands for, if all of it is here or
 * over there already; else the platforms that are here, under an index of their own if there are
 * several.
 */
public final class PushPlanner {

  private final ImageGraph graph;

  public PushPlanner(ImageGraph graph) {
    this.graph = graph;
  }

  /** Plans the push of what a document leads to. */
  public PushPlan plan(
      Descriptor target,
      PushRepository repository,
      PushListener listener,
      Cancellation cancellation)
      throws IOException {
    Reach all = graph.reach(target);
    if (all.isComplete()) {
      return new PushPlan(all.documents(), all.blobs());
    }
    Document top = graph.read(target.digest(), target.mediaType());
    // With the platforms that they are for, which an index of our own has to tell, too.
    List<Descriptor> entries =
        ManifestParser.parse("index " + target.digest(), top.bytes(), target.mediaType())
                instanceof Manifest.Index index
            ? index.entries()
            : List.of();
    List<Descriptor> here = new ArrayList<>();
    boolean restIsThere = true;
    for (Descriptor entry : entries) {
      if (graph.isComplete(entry)) {
        here.add(entry);
      } else {
        restIsThere &= isThere(entry, repository, cancellation);
      }
    }
    Map<Digest, Document> documents = new LinkedHashMap<>();
    Map<Digest, Descriptor> blobs = new LinkedHashMap<>();
    for (Descriptor entry : here) {
      Reach reach = graph.reach(entry);
      reach.documents().forEach(one -> documents.put(one.descriptor().digest(), one));
      reach.blobs().forEach(blob -> blobs.put(blob.digest(), blob));
    }
    if (restIsThere && !entries.isEmpty()) {
      documents.put(top.descriptor().digest(), top);
    } else if (here.size() > 1) {
      Document reduced = indexOf(here);
      documents.put(reduced.descriptor().digest(), reduced);
      listener.words(
          "Not all platforms of the image are here: an index of the "
              + here.size()
              + " that are is pushed");
    } else {
      listener.words(
          "Not all platforms of the image are here: the one that is is pushed by itself");
    }
    return new PushPlan(List.copyOf(documents.values()), List.copyOf(blobs.values()));
  }

  private static boolean isThere(
      Descriptor entry, PushRepository repository, Cancellation cancellation) throws IOException {
    return repository.manifest(entry.digest().toString(), cancellation).isPresent();
  }

  private static Document indexOf(List<Descriptor> entries) throws IOException {
    byte[] bytes = ManifestBuilder.index(entries);
    Digest digest = Digest.sha256(bytes);
    return new Document(
        new Descriptor(MediaTypes.OCI_INDEX, digest, bytes.length, Optional.empty()),
        bytes,
        ManifestSummary.parse("index " + digest, bytes, MediaTypes.OCI_INDEX));
  }
}
