package io.gantry.docker.engine.image;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Exchange;
import io.gantry.docker.engine.api.Json;
import io.gantry.docker.engine.api.JsonLines;
import io.gantry.docker.engine.api.Query;
import io.gantry.proto.v1.ImageDetails;
import io.gantry.proto.v1.ImageLayer;
import io.gantry.proto.v1.PullRequest;
import io.gantry.proto.v1.PushRequest;
import io.gantry.proto.v1.TransferProgress;
import io.gantry.proto.v1.TransferResult;
import io.grpc.Context;
import java.io.IOException;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Pull and push, told in Docker's lines. */
final class Transfers {

  private final ImageStore images;
  private final ImageEvents events;

  Transfers(ImageStore images, ImageEvents events) {
    this.images = images;
    this.events = events;
  }

  void pull(Exchange exchange) throws Exception {
    Query query = exchange.request().query();
    String name = ImageName.tagged(ImageName.of(query.text("fromImage"), query.text("tag")));
    PullRequest.Builder request =
        PullRequest.newBuilder().setImage(name).setPlatform(query.text("platform"));
    RegistryAuth.of(exchange.request()).ifPresent(request::setAuth);
    JsonLines.answer(
        exchange,
        lines ->
            follow(
                exchange,
                () -> images.api().pull(request.build()),
                progress -> pulled(name, progress, lines),
                () -> {
                  ObjectNode first = Json.object();
                  String repository = ImageName.repository(ImageName.whole(name));
                  String path = repository.substring(repository.indexOf('/') + 1);
                  first.put("status", "Pulling from " + path);
                  String tag = ImageName.tag(name);
                  lines.send(
                      first.put("id", tag.isEmpty() ? name.substring(name.indexOf('@') + 1) : tag));
                }));
  }

  private void pulled(String name, TransferProgress progress, JsonLines lines) throws IOException {
    if (!progress.hasResult()) {
      told(progress, lines, pullWords(progress.getPhase()));
      return;
    }
    TransferResult result = progress.getResult();
    lines.status("Digest: " + result.getDigest());
    String familiar = ImageName.familiar(ImageName.whole(name));
    lines.status(
        result.getUnchanged()
            ? "Status: Image is up to date for " + familiar
            : "Status: Downloaded newer image for " + familiar);
    events.tell("pull", familiar, Map.of("name", ImageName.repository(familiar)));
  }

  private static String pullWords(TransferProgress.Phase phase) {
    return switch (phase) {
      case WAITING -> "Pulling fs layer";
      case DOWNLOADING -> "Downloading";
      case DOWNLOADED -> "Download complete";
      case UNPACKING -> "Extracting";
      case UNPACKED -> "Pull complete";
      case ALREADY_THERE -> "Already exists";
      case UPLOADING, UPLOADED, MOUNTED, PHASE_UNSPECIFIED, UNRECOGNIZED -> "";
    };
  }

  /** One line about one blob. */
  private static void told(TransferProgress progress, JsonLines lines, String words)
      throws IOException {
    if (!progress.getWords().isEmpty()) {
      lines.status(progress.getWords());
    }
    if (progress.getBlobDigest().isEmpty() || words.isEmpty()) {
      return;
    }
    ObjectNode line = Json.object().put("status", words);
    ObjectNode detail = line.putObject("progressDetail");
    boolean moving =
        progress.getPhase() == TransferProgress.Phase.DOWNLOADING
            || progress.getPhase() == TransferProgress.Phase.UPLOADING;
    if (moving && progress.getTotalBytes() > 0) {
      detail.put("current", progress.getCurrentBytes()).put("total", progress.getTotalBytes());
    }
    lines.send(line.put("id", ImageName.brief(progress.getBlobDigest())));
  }

  /** Takes what comes of a call. */
  private interface Taker {
    void take(TransferProgress progress) throws IOException;
  }

  private interface Call {
    Iterator<TransferProgress> begin();
  }

  private interface Opening {
    void send() throws IOException;
  }

  /**
   * Passes all on, and ends the call when the client is gone.
   *
   * @param opening sent before the first line, once it is clear that there is one
   */
  private static void follow(Exchange exchange, Call call, Taker taker, Opening opening)
      throws Exception {
    Context.CancellableContext context = Context.current().withCancellation();
    exchange.onGone(() -> context.cancel(null));
    try {
      context.call(
          () -> {
            Iterator<TransferProgress> all = call.begin();
            boolean opened = false;
            while (all.hasNext()) {
              TransferProgress progress = all.next();
              if (!opened) {
                opening.send();
                opened = true;
              }
              taker.take(progress);
            }
            return opened;
          });
    } finally {
      context.cancel(null);
    }
  }

  void push(Exchange exchange) throws Exception {
    String name = exchange.request().parameter("name");
    String tag = exchange.request().query().text("tag");
    List<String> references = tag.isEmpty() ? tagsOf(name) : List.of(ImageName.of(name, tag));
    String repository = ImageName.repository(ImageName.whole(references.get(0)));
    JsonLines.answer(
        exchange,
        lines -> {
          boolean opened = false;
          for (String reference : references) {
            boolean first = !opened;
            opened = true;
            push(
                exchange,
                reference,
                lines,
                () -> {
                  if (first) {
                    lines.status("The push refers to repository [" + repository + "]");
                  }
                });
          }
        });
  }

  /** Without a tag all of the repository's go. */
  private List<String> tagsOf(String name) throws EngineException {
    String whole = ImageName.whole(ImageName.repository(name));
    List<String> tags =
        images.all().stream()
            .flatMap(image -> image.getRepoTagsList().stream())
            .filter(tag -> ImageName.repository(tag).equals(whole))
            .sorted()
            .collect(Collectors.toList());
    if (tags.isEmpty()) {
      throw EngineException.notFound(
          "An image does not exist locally with the tag: " + ImageName.familiar(whole));
    }
    return tags;
  }

  private void push(Exchange exchange, String reference, JsonLines lines, Opening opening)
      throws Exception {
    ImageDetails image;
    try {
      image = images.find(reference);
    } catch (EngineException e) {
      throw new EngineException(
          e.status(),
          e.status() == 404
              ? "An image does not exist locally with the tag: " + ImageName.repository(reference)
              : e.getMessage());
    }
    Set<String> layers = new HashSet<>();
    image.getLayersList().stream().map(ImageLayer::getDigest).forEach(layers::add);
    PushRequest.Builder request =
        PushRequest.newBuilder().setImage(reference).setDestination(reference);
    RegistryAuth.of(exchange.request()).ifPresent(request::setAuth);
    follow(
        exchange,
        () -> images.api().push(request.build()),
        progress -> pushed(reference, layers, progress, lines),
        opening);
  }

  private void pushed(
      String reference, Set<String> layers, TransferProgress progress, JsonLines lines)
      throws IOException {
    if (progress.hasResult()) {
      TransferResult result = progress.getResult();
      String tag = ImageName.tag(ImageName.tagged(reference));
      lines.status(tag + ": digest: " + result.getDigest() + " size: " + result.getSizeBytes());
      ObjectNode last = Json.object();
      last.putObject("progressDetail");
      last.putObject("aux")
          .put("Tag", tag)
          .put("Digest", result.getDigest())
          .put("Size", result.getSizeBytes());
      lines.send(last);
      events.tell("push", reference, Map.of("name", ImageName.repository(reference)));
      return;
    }
    // Docker does not speak of the configuration.
    boolean told = progress.getBlobDigest().isEmpty() || layers.contains(progress.getBlobDigest());
    if (told) {
      told(progress, lines, pushWords(progress).orElse(""));
    }
  }

  private static Optional<String> pushWords(TransferProgress progress) {
    return switch (progress.getPhase()) {
      case WAITING -> Optional.of("Preparing");
      case UPLOADING -> Optional.of("Pushing");
      case UPLOADED -> Optional.of("Pushed");
      case ALREADY_THERE -> Optional.of("Layer already exists");
      case MOUNTED -> Optional.of("Mounted from " + progress.getMountedFrom());
      case DOWNLOADING, DOWNLOADED, UNPACKING, UNPACKED, PHASE_UNSPECIFIED, UNRECOGNIZED ->
          Optional.empty();
    };
  }
}
