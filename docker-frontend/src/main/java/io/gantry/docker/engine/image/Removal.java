package io.gantry.docker.engine.image;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Exchange;
import io.gantry.docker.engine.api.Filters;
import io.gantry.docker.engine.api.Json;
import io.gantry.proto.cri.v1.ImageServiceGrpc;
import io.gantry.proto.cri.v1.ImageSpec;
import io.gantry.proto.cri.v1.RemoveImageRequest;
import io.gantry.proto.v1.ImageDetails;
import io.gantry.proto.v1.ImageLayer;
import io.gantry.proto.v1.UntagRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Names and images that go, and what keeps them. */
final class Removal {

  private static final Set<String> FILTERS = Set.of("dangling", "label", "label!", "until");

  private final ImageStore images;
  private final ImageUses uses;
  private final ImageEvents events;

  Removal(ImageStore images, ImageUses uses, ImageEvents events) {
    this.images = images;
    this.uses = uses;
    this.events = events;
  }

  void remove(Exchange exchange) throws EngineException, IOException {
    String name = exchange.request().parameter("name");
    boolean force = exchange.request().query().flag("force");
    ImageDetails image = images.find(name);
    ArrayNode done = Json.array();
    Optional<String> reference = reference(image, name);
    if (reference.isPresent() && !isLast(image, reference.get())) {
      untag(image, reference.get(), done);
    } else {
      boolean several =
          image.getRepoTagsList().stream().map(ImageName::repository).distinct().count() > 1;
      if (reference.isEmpty() && several && !force) {
        throw EngineException.conflict(
            "conflict: unable to delete "
                + ImageName.brief(image.getId())
                + " (must be forced) - image is referenced in multiple repositories");
      }
      checkUnused(image, reference);
      removeAll(image, done);
    }
    exchange.answer(200, done);
  }

  /** The name by which it was asked for; nothing for an id. */
  private static Optional<String> reference(ImageDetails image, String name) {
    String whole = ImageName.whole(ImageName.tagged(name));
    boolean named =
        image.getRepoTagsList().contains(whole) || image.getRepoDigestsList().contains(whole);
    return named ? Optional.of(whole) : Optional.empty();
  }

  private static boolean isLast(ImageDetails image, String reference) {
    if (ImageName.hasDigest(reference)) {
      return image.getRepoTagsList().isEmpty() && image.getRepoDigestsCount() == 1;
    }
    String repository = ImageName.repository(reference);
    return image.getRepoTagsCount() == 1
        && image.getRepoDigestsList().stream()
            .allMatch(digest -> ImageName.repository(digest).equals(repository));
  }

  /**
   * Force takes no image that a container needs. Docker lets it take those of stopped containers,
   * which keep their layers; here each start of a container asks for its image again.
   */
  private void checkUnused(ImageDetails image, Optional<String> reference) throws EngineException {
    for (ImageUses.Use use : uses.all()) {
      if (!use.imageId().equals(image.getId())) {
        continue;
      }
      String what =
          reference
              .map(name -> "remove repository reference \"" + ImageName.familiar(name) + "\"")
              .orElseGet(() -> "delete " + ImageName.brief(image.getId()));
      throw EngineException.conflict(
          "conflict: unable to "
              + what
              + " (cannot be forced) - image is being used by "
              + (use.running() ? "running" : "stopped")
              + " container "
              + ImageName.brief(use.container()));
    }
  }

  private void untag(ImageDetails image, String reference, ArrayNode done) {
    images.api().untag(UntagRequest.newBuilder().setReference(reference).build());
    untagged(image, reference, done);
    String repository = ImageName.repository(reference);
    boolean lastTag =
        !ImageName.hasDigest(reference)
            && image.getRepoTagsList().stream()
                .noneMatch(
                    tag -> !tag.equals(reference) && ImageName.repository(tag).equals(repository));
    if (lastTag) {
      image.getRepoDigestsList().stream()
          .filter(digest -> ImageName.repository(digest).equals(repository))
          .forEach(digest -> untagged(image, digest, done));
    }
  }

  private void untagged(ImageDetails image, String reference, ArrayNode done) {
    String familiar = ImageName.familiar(reference);
    done.addObject().put("Untagged", familiar);
    events.tell("untag", image.getId(), Map.of("name", familiar));
  }

  private void removeAll(ImageDetails image, ArrayNode done) {
    ImageServiceGrpc.newBlockingStub(images.channel())
        .removeImage(
            RemoveImageRequest.newBuilder()
                .setImage(ImageSpec.newBuilder().setImage(image.getId()))
                .build());
    image.getRepoTagsList().forEach(tag -> untagged(image, tag, done));
    image.getRepoDigestsList().forEach(digest -> untagged(image, digest, done));
    done.addObject().put("Deleted", image.getId());
    events.tell("delete", image.getId(), Map.of("name", image.getId()));
  }

  void prune(Exchange exchange) throws EngineException, IOException {
    Filters filters = Filters.of(exchange.request().query(), FILTERS);
    boolean danglingOnly = filters.flag("dangling", true);
    ImageLists.Selection selection =
        new ImageLists.Selection(
            filters,
            Until.of(filters),
            Optional.empty(),
            danglingOnly ? Optional.of(true) : Optional.empty());
    Set<String> used = uses.all().stream().map(ImageUses.Use::imageId).collect(Collectors.toSet());
    List<ImageDetails> gone = new ArrayList<>();
    List<ImageDetails> kept = new ArrayList<>();
    for (ImageDetails image : images.all()) {
      ImageDocument document = new ImageDocument(image);
      boolean unwanted =
          !used.contains(image.getId())
              && !image.getPinned()
              && selection.fits(document)
              && (!filters.has("label!") || !filters.fitsLabels("label!", document.labels()));
      (unwanted ? gone : kept).add(image);
    }
    ArrayNode done = Json.array();
    gone.forEach(image -> removeAll(image, done));
    var answer = Json.object();
    answer.set("ImagesDeleted", done);
    answer.put("SpaceReclaimed", freed(gone, kept));
    events.tell("prune", "", Map.of("reclaimed", answer.path("SpaceReclaimed").asText()));
    exchange.answer(200, answer);
  }

  /** What no image that is left has as well: blobs, and what they unpack to. */
  private static long freed(List<ImageDetails> gone, List<ImageDetails> kept) {
    Set<String> seen = new HashSet<>();
    kept.forEach(image -> image.getLayersList().forEach(layer -> seen.add(layer.getChainId())));
    long sum = 0;
    for (ImageDetails image : gone) {
      for (ImageLayer layer : image.getLayersList()) {
        if (seen.add(layer.getChainId())) {
          sum += layer.getSizeBytes() + layer.getUnpackedBytes();
        }
      }
    }
    return sum;
  }
}
