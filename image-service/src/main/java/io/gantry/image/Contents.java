package io.gantry.image;

import static io.gantry.image.failure.ImageException.Kind.NOT_FOUND;

import io.gantry.image.failure.ImageException;
import io.gantry.image.graph.Document;
import io.gantry.image.graph.ImageGraph;
import io.gantry.image.manifest.Descriptor;
import java.io.IOException;

/** The documents of an image that is here. */
final class Contents {

  private Contents() {}

  /** What the image's names stand for; looked for where its record does not say. */
  static Descriptor targetOf(ImageRecord image, ImageGraph graph) throws IOException {
    return image.origin().target().isPresent()
        ? image.origin().target().get()
        : graph.targetOf(image.id(), image.blobs());
  }

  /** The image's own manifest. */
  static Document manifestOf(ImageRecord image, Descriptor target, ImageGraph graph)
      throws IOException {
    return graph
        .manifestOf(target, image.id())
        .orElseThrow(
            () ->
                new ImageException(
                    NOT_FOUND, "the manifest of image " + image.id() + " is not here"));
  }

  /**
   * What is to be handed on as the image: its target, or its manifest alone if not all that the
   * target leads to is here.
   */
  static Descriptor wholeOf(ImageRecord image, ImageGraph graph) throws IOException {
    Descriptor target = targetOf(image, graph);
    return graph.isComplete(target) ? target : manifestOf(image, target, graph).descriptor();
  }
}
