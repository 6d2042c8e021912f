package io.gantry.cri.container;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gantry.cri.criu.CheckpointLayout;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.operation.Phase;
import io.gantry.image.ImageRecord;
import io.gantry.image.Images;
import io.gantry.image.PullRequest;
import io.gantry.image.failure.ImageException;
import io.gantry.image.reference.InvalidReferenceException;
import io.gantry.image.reference.Reference;
import io.grpc.Context;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * The images that saved containers were made from, as their checkpoints name them. One that is not
 * here is pulled: a kubelet that was told to run a checkpoint knows of no other image. Thread-safe.
 */
final class BaseImages {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Images images;

  BaseImages(Images images) {
    this.images = images;
  }

  /**
   * Finds, or pulls without credentials, the image of a checkpoint.
   *
   * @param checkpoint for messages: "checkpoint /a.tar"
   * @param config what its {@link CheckpointLayout#CONFIG} holds
   * @throws CriException INVALID_REQUEST if that is none; NOT_FOUND if the image cannot be had
   */
  ImageRecord find(String checkpoint, byte[] config) throws IOException, InterruptedException {
    List<String> names = names(checkpoint, config);
    for (String name : names) {
      Optional<ImageRecord> found = images.find(name);
      if (found.isPresent()) {
        return found.get();
      }
    }
    List<String> references = names.stream().filter(BaseImages::canBePulled).toList();
    if (references.isEmpty()) {
      throw missing(checkpoint, names, "pull it first");
    }
    return pull(checkpoint, names, references.get(0));
  }

  private ImageRecord pull(String checkpoint, List<String> names, String reference)
      throws InterruptedException {
    Phase.begins("pull the image of the checkpoint");
    CompletableFuture<ImageRecord> work = images.pull(PullRequest.anonymous(reference));
    Context caller = Context.current();
    Context.CancellationListener leave = gone -> work.cancel(true);
    caller.addListener(leave, Runnable::run);
    try {
      ImageRecord pulled = work.get();
      if (names.get(0).startsWith("sha256:") && !names.get(0).equals(pulled.id().toString())) {
        throw missing(checkpoint, names, reference + " is another image by now");
      }
      return pulled;
    } catch (ExecutionException | CancellationException e) {
      String why = e.getCause() instanceof ImageException failure ? failure.getMessage() : "" + e;
      throw missing(checkpoint, names, "pulling it failed: " + why);
    } finally {
      caller.removeListener(leave);
    }
  }

  private static CriException missing(String checkpoint, List<String> names, String what) {
    return CriException.notFound(
        "%s: its container was made from image %s, which is not here: %s"
            .formatted(
                checkpoint, names.isEmpty() ? "(unnamed)" : names.get(names.size() - 1), what));
  }

  /** Only a whole reference: any other would be looked for in a registry that nobody named. */
  private static boolean canBePulled(String name) {
    try {
      Reference.parse(name);
      return name.contains("/");
    } catch (InvalidReferenceException e) {
      return false;
    }
  }

  /** The surest one first; archives of CRI-O's have a name where ours have an id. */
  private static List<String> names(String checkpoint, byte[] text) {
    JsonNode config;
    try {
      config = JSON.readTree(text);
    } catch (IOException e) {
      throw CriException.invalid(
          "%s: its %s is no JSON".formatted(checkpoint, CheckpointLayout.CONFIG));
    }
    List<String> names = new ArrayList<>();
    for (String key : List.of("rootfsImage", "rootfsImageRef", "rootfsImageName")) {
      String value = config.path(key).asText("");
      if (!value.isEmpty()) {
        names.add(value);
      }
    }
    return names;
  }
}
