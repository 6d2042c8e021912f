package io.gantry.docker.engine.image;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Exchange;
import io.gantry.docker.engine.api.Json;
import io.gantry.docker.engine.api.JsonLines;
import io.gantry.docker.engine.api.Query;
import io.gantry.proto.v1.ArchiveChunk;
import io.gantry.proto.v1.ExportRequest;
import io.gantry.proto.v1.ImageDetails;
import io.gantry.proto.v1.ImagesGrpc;
import io.gantry.proto.v1.ImportProgress;
import io.gantry.proto.v1.ImportRequest;
import io.gantry.proto.v1.ImportRootFilesystemRequest;
import io.gantry.proto.v1.ImportRootFilesystemResponse;
import io.gantry.proto.v1.ImportRootFilesystemStart;
import io.grpc.Context;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Save, load, and import of root file systems. */
final class Archives {

  private static final int PIECE_BYTES = 256 << 10;

  private final ImageStore images;
  private final ImageEvents events;

  Archives(ImageStore images, ImageEvents events) {
    this.images = images;
    this.events = events;
  }

  void saveOne(Exchange exchange) throws Exception {
    save(exchange, List.of(exchange.request().parameter("name")));
  }

  void saveSeveral(Exchange exchange) throws Exception {
    List<String> names = new ArrayList<>();
    for (String given : exchange.request().query().all("names")) {
      names.addAll(List.of(given.split(",")));
    }
    if (names.isEmpty()) {
      throw EngineException.badRequest("no image is named");
    }
    save(exchange, names);
  }

  private void save(Exchange exchange, List<String> names) throws Exception {
    ExportRequest.Builder request = ExportRequest.newBuilder();
    for (String name : names) {
      images.find(name); // A failure must come before the answer begins.
      request.addAllImages(withAllTags(name));
    }
    Context.CancellableContext context = Context.current().withCancellation();
    exchange.onGone(() -> context.cancel(null));
    try {
      context.call(
          () -> {
            Iterator<ArchiveChunk> chunks = images.api().export(request.build());
            boolean any = chunks.hasNext();
            try (OutputStream out = exchange.stream(200, "application/x-tar")) {
              while (any && chunks.hasNext()) {
                chunks.next().getData().writeTo(out);
              }
            }
            return any;
          });
    } finally {
      context.cancel(null);
    }
  }

  /** A repository's name stands for all of its tags. */
  private List<String> withAllTags(String name) {
    if (!ImageName.tag(name).isEmpty() || ImageName.hasDigest(name)) {
      return List.of(name);
    }
    String whole = ImageName.whole(name);
    List<String> tags = new ArrayList<>();
    for (ImageDetails image : images.all()) {
      image.getRepoTagsList().stream()
          .filter(tag -> ImageName.repository(tag).equals(whole))
          .forEach(tags::add);
    }
    return tags.isEmpty() ? List.of(name) : tags;
  }

  void load(Exchange exchange) throws Exception {
    boolean quiet = exchange.request().query().flag("quiet");
    Upload<ImportRequest, ImportProgress> upload =
        new Upload<>(images.channel(), ImagesGrpc.getImportMethod());
    exchange.onGone(upload::cancel);
    JsonLines.answer(
        exchange,
        lines -> {
          send(
              exchange.request().body(),
              upload,
              data -> ImportRequest.newBuilder().setData(data).build());
          Optional<ImportProgress> next = upload.next();
          while (next.isPresent()) {
            loaded(next.get(), quiet, lines);
            next = upload.next();
          }
        });
  }

  private void loaded(ImportProgress progress, boolean quiet, JsonLines lines) throws IOException {
    if (progress.getImageId().isEmpty()) {
      if (!quiet) {
        ObjectNode line = Json.object().put("status", "Loading layer");
        line.putObject("progressDetail")
            .put("current", progress.getCurrentBytes())
            .put("total", progress.getCurrentBytes());
        lines.send(line.put("id", ImageName.brief(progress.getLayerDigest())));
      }
      return;
    }
    for (String reference : progress.getReferencesList()) {
      stream(lines, "Loaded image: " + ImageName.familiar(reference) + "\n");
    }
    if (progress.getReferencesList().isEmpty()) {
      stream(lines, "Loaded image ID: " + progress.getImageId() + "\n");
    }
    events.tell("load", progress.getImageId(), Map.of("name", progress.getImageId()));
  }

  private static void stream(JsonLines lines, String words) throws IOException {
    lines.send(Json.object().put("stream", words));
  }

  /** Sends a body; a daemon that takes no more tells why with its next answer. */
  private static <Q> void send(
      InputStream body, Upload<Q, ?> upload, Function<ByteString, Q> message)
      throws IOException, InterruptedException {
    byte[] buffer = new byte[PIECE_BYTES];
    try {
      int n = body.read(buffer);
      while (n >= 0) {
        if (!upload.send(message.apply(ByteString.copyFrom(buffer, 0, n)))) {
          return;
        }
        n = body.read(buffer);
      }
    } catch (IOException e) {
      upload.cancel(); // Only part of it has come, which must not look like all of it.
      throw e;
    }
    upload.halfClose();
  }

  /** An archive of a root file system, from the request or from a web server. */
  void importOne(Exchange exchange) throws Exception {
    Query query = exchange.request().query();
    String source = query.text("fromSrc");
    String name = ImageName.of(query.text("repo"), query.text("tag"));
    ObjectNode config = ConfigChanges.of(query.all("changes"));
    ImportRootFilesystemStart start =
        ImportRootFilesystemStart.newBuilder()
            .setReference(name)
            .setComment(query.text("message", "Imported from " + source))
            .setConfig(ByteString.copyFrom(Json.bytes(config)))
            .setPlatform(query.text("platform"))
            .build();
    JsonLines.answer(
        exchange,
        lines -> {
          if (source.equals("-")) {
            imported(exchange, start, exchange.request().body(), lines);
          } else {
            try (InputStream body = download(source, lines)) {
              imported(exchange, start, body, lines);
            }
          }
        });
  }

  private static InputStream download(String source, JsonLines lines)
      throws EngineException, IOException {
    String url = source.contains("://") ? source : "http://" + source;
    if (!url.startsWith("http://") && !url.startsWith("https://")) {
      throw EngineException.badRequest("import from \"" + source + "\": only http and https");
    }
    try {
      InputStream body = URI.create(url).toURL().openStream();
      lines.status("Downloading from " + url);
      return body;
    } catch (IllegalArgumentException | IOException e) {
      throw EngineException.failed("import from " + url + ": " + e.getMessage());
    }
  }

  private void imported(
      Exchange exchange, ImportRootFilesystemStart start, InputStream body, JsonLines lines)
      throws IOException, InterruptedException {
    Upload<ImportRootFilesystemRequest, ImportRootFilesystemResponse> upload =
        new Upload<>(images.channel(), ImagesGrpc.getImportRootFilesystemMethod());
    exchange.onGone(upload::cancel);
    if (upload.send(ImportRootFilesystemRequest.newBuilder().setStart(start).build())) {
      send(body, upload, data -> ImportRootFilesystemRequest.newBuilder().setData(data).build());
    }
    Optional<ImportRootFilesystemResponse> answer = upload.next();
    if (answer.isPresent()) {
      lines.status(answer.get().getImageId());
      events.tell("import", answer.get().getImageId(), Map.of("name", answer.get().getImageId()));
    }
  }
}
