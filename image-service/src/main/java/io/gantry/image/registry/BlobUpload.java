package io.gantry.image.registry;

import static io.gantry.image.failure.ImageException.Kind.CORRUPT;
import static io.gantry.image.failure.ImageException.Kind.STORAGE;
import static io.gantry.image.failure.ImageException.Kind.UNAVAILABLE;

import io.gantry.image.failure.ImageException;
import io.gantry.image.manifest.Descriptor;
import io.gantry.image.work.Cancellation;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sends one blob in chunks (OCI distribution specification, "Pushing a blob in chunks"). After a
 * failure it asks how much has come and goes on there; an upload that the registry has lost begins
 * anew. Confined to one thread.
 */
final class BlobUpload {

  /** Large enough to cost little, small enough that a broken connection does not cost much. */
  static final int CHUNK_BYTES = 16 << 20;

  private static final Pattern RANGE = Pattern.compile("(?:bytes=)?0-([0-9]{1,18})");
  private static final Map<String, String> OCTETS =
      Map.of("Content-Type", "application/octet-stream");

  private final HostClient host;
  private final String uploads;
  private final Descriptor blob;
  private final BlobSource source;
  private final RegistrySettings settings;
  private final LongConsumer progress;
  private Optional<URI> location;
  private long offset;
  private long chunkBytes = CHUNK_BYTES;
  private int failures;

  /**
   * @param uploads the path that uploads begin at
   * @param begun where one was begun already
   * @param progress told how many bytes are over there, which may become less
   */
  BlobUpload(
      HostClient host,
      String uploads,
      Descriptor blob,
      BlobSource source,
      Optional<URI> begun,
      RegistrySettings settings,
      LongConsumer progress) {
    this.host = host;
    this.uploads = uploads;
    this.blob = blob;
    this.source = source;
    this.location = begun;
    this.settings = settings;
    this.progress = progress;
  }

  /** Sends all of it. */
  void run(Cancellation cancellation) throws IOException {
    while (true) {
      if (location.isEmpty()) {
        begin(cancellation);
      }
      boolean ending = offset == blob.sizeBytes();
      HttpResponse<Body> response;
      try {
        response = ending ? end(cancellation) : chunk(cancellation);
      } catch (ImageException e) {
        throw e;
      } catch (IOException e) {
        failed(
            new ImageException(
                UNAVAILABLE, host.host() + " could not be reached: " + HostClient.words(e), e),
            Optional.empty(),
            cancellation);
        continue;
      }
      int status = response.statusCode();
      if (ending && status == 201) {
        response.body().close();
        return;
      }
      if (!ending && status == 202) {
        accepted(response);
        continue;
      }
      refused(response, cancellation);
    }
  }

  private void begin(Cancellation cancellation) throws IOException {
    HttpResponse<Body> response =
        host.ask(new HostClient.Ask("POST", uploads, Map.of(), Set.of(202)), cancellation);
    response.body().close();
    location = Optional.of(host.location(response));
    offset = 0;
    response
        .headers()
        .firstValue("OCI-Chunk-Min-Length")
        .filter(value -> value.matches("[0-9]{1,10}"))
        .ifPresent(value -> chunkBytes = Math.max(CHUNK_BYTES, Long.parseLong(value)));
  }

  private HttpResponse<Body> chunk(Cancellation cancellation) throws IOException {
    long from = offset;
    long length = Math.min(chunkBytes, blob.sizeBytes() - from);
    Outgoing bytes =
        new Outgoing(() -> part(from, length), length, sent -> progress.accept(from + sent));
    Map<String, String> headers =
        Map.of(
            "Content-Type",
            "application/octet-stream",
            "Content-Range",
            from + "-" + (from + length - 1));
    HttpResponse<Body> response =
        host.tryOnce(
            new HostClient.Ask("PATCH", location.orElseThrow().toString(), headers, Set.of(202))
                .carrying(bytes),
            cancellation);
    if (response.statusCode() == 202) {
      offset = from + length;
    }
    return response;
  }

  private InputStream part(long from, long length) throws IOException {
    FileChannel channel = source.open();
    try {
      channel.position(from);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    return new Limited(Channels.newInputStream(channel), length);
  }

  private HttpResponse<Body> end(Cancellation cancellation) throws IOException {
    String where = location.orElseThrow().toString();
    String digest = URLEncoder.encode(blob.digest().toString(), StandardCharsets.UTF_8);
    String target = where + (where.contains("?") ? "&" : "?") + "digest=" + digest;
    return host.tryOnce(
        new HostClient.Ask("PUT", target, OCTETS, Set.of(201))
            .carrying(new Outgoing(InputStream::nullInputStream, 0, sent -> {})),
        cancellation);
  }

  /** The registry says how far it has come, or it has all of the chunk. */
  private void accepted(HttpResponse<Body> response) throws IOException {
    response.body().close();
    location = Optional.of(host.location(response));
    OptionalLong told = received(response);
    if (told.isPresent() && told.getAsLong() <= offset) {
      offset = told.getAsLong();
    }
    failures = 0;
    progress.accept(offset);
  }

  private void refused(HttpResponse<Body> response, Cancellation cancellation) throws IOException {
    int status = response.statusCode();
    ImageException failure = host.failure(response, cancellation);
    boolean lost = status == 404;
    boolean outOfPlace = status == 416;
    boolean mayPass = host.mayPass(response);
    if (!lost && !outOfPlace && !mayPass) {
      throw failure;
    }
    if (lost) {
      location = Optional.empty();
    }
    failed(failure, Optional.of(response), cancellation);
  }

  /** Waits, then finds out how much is over there. */
  private void failed(
      ImageException failure, Optional<HttpResponse<Body>> answer, Cancellation cancellation)
      throws IOException {
    failures++;
    if (failures >= settings.patience().attempts() || !host.pause(failures, answer, cancellation)) {
      throw failure;
    }
    if (location.isPresent()) {
      askWhere(cancellation);
    }
  }

  private void askWhere(Cancellation cancellation) throws IOException {
    HttpResponse<Body> response;
    try {
      response =
          host.tryOnce(
              new HostClient.Ask("GET", location.orElseThrow().toString(), Map.of(), Set.of(204)),
              cancellation);
    } catch (ImageException e) {
      throw e;
    } catch (IOException e) {
      return; // The next chunk will tell.
    }
    response.body().close();
    if (response.statusCode() != 204 && response.statusCode() != 202) {
      location = Optional.empty();
      return;
    }
    offset = received(response).orElse(0);
    if (offset > blob.sizeBytes()) {
      throw new ImageException(
          CORRUPT, host.host() + " has more of blob " + blob.digest() + " than there is");
    }
    if (response.headers().firstValue("Location").isPresent()) {
      location = Optional.of(host.location(response));
    }
    progress.accept(offset);
  }

  /** {@code 0-0} is said of nothing as well as of one byte; nothing is the likelier. */
  private static OptionalLong received(HttpResponse<Body> response) {
    Matcher range = RANGE.matcher(response.headers().firstValue("Range").orElse(""));
    if (!range.matches()) {
      return OptionalLong.empty();
    }
    long last = Long.parseLong(range.group(1));
    return OptionalLong.of(last == 0 ? 0 : last + 1);
  }

  private static final class Limited extends FilterInputStream {
    private long left;

    Limited(InputStream in, long length) {
      super(in);
      this.left = length;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      if (left == 0) {
        return -1;
      }
      int n = in.read(buffer, offset, (int) Math.min(length, left));
      if (n < 0) {
        throw new ImageException(STORAGE, "a blob is shorter than its manifest says");
      }
      left -= n;
      return n;
    }
  }
}
