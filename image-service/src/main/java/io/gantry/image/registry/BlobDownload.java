package io.gantry.image.registry;

import static io.gantry.image.failure.ImageException.Kind.CORRUPT;
import static io.gantry.image.failure.ImageException.Kind.STORAGE;
import static io.gantry.image.failure.ImageException.Kind.UNAVAILABLE;

import io.gantry.image.failure.ImageException;
import io.gantry.image.manifest.Descriptor;
import io.gantry.image.work.Cancellation;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Brings one blob from one host, going on by Range where a connection broke. */
final class BlobDownload {

  private static final Pattern CONTENT_RANGE = Pattern.compile("bytes ([0-9]{1,18})-.*");
  // Even a host that always sends a little before it breaks off must come to an end.
  private static final int CONNECTION_LIMIT = 50;

  private final HostClient host;
  private final String path;
  private final Descriptor descriptor;
  private final RegistrySettings settings;

  BlobDownload(HostClient host, String path, Descriptor descriptor, RegistrySettings settings) {
    this.host = host;
    this.path = path;
    this.descriptor = descriptor;
    this.settings = settings;
  }

  void into(BlobSink sink, Cancellation cancellation) throws IOException {
    int fruitless = 0;
    for (int connection = 1; sink.received() < descriptor.sizeBytes(); connection++) {
      long before = sink.received();
      Optional<IOException> broken = connect(sink, cancellation);
      fruitless = sink.received() > before ? 0 : fruitless + 1;
      if (sink.received() < descriptor.sizeBytes()
          && (fruitless >= settings.patience().attempts() || connection >= CONNECTION_LIMIT)) {
        throw broken(sink, broken);
      }
      if (sink.received() < descriptor.sizeBytes()) {
        cancellation.pause(host.backoff().after(fruitless + 1));
      }
    }
    sink.complete();
  }

  private ImageException broken(BlobSink sink, Optional<IOException> cause) {
    String so =
        "blob "
            + descriptor.digest()
            + " from "
            + host.host()
            + ": ended after "
            + sink.received()
            + " of "
            + descriptor.sizeBytes()
            + " bytes";
    return cause
        .map(e -> new ImageException(UNAVAILABLE, so + ": " + HostClient.words(e), e))
        .orElseGet(() -> new ImageException(CORRUPT, so));
  }

  /**
   * Takes what one connection gives.
   *
   * @return how the connection broke, if it did
   */
  private Optional<IOException> connect(BlobSink sink, Cancellation cancellation)
      throws IOException {
    long start = sink.received();
    Map<String, String> headers = new HashMap<>();
    if (start > 0) {
      headers.put("Range", "bytes=" + start + "-");
    }
    HttpResponse<Body> response =
        host.ask(new HostClient.Ask("GET", path, headers, Set.of(200, 206)), cancellation);
    try (Body body = response.body()) {
      long skip = skip(response, start);
      while (true) {
        List<ByteBuffer> piece;
        try {
          piece = body.next(settings.patience().noProgressTimeout(), cancellation);
        } catch (ImageException e) {
          throw e;
        } catch (IOException e) {
          return Optional.of(e);
        }
        if (piece.isEmpty()) {
          return Optional.empty();
        }
        for (ByteBuffer buffer : piece) {
          int skipped = (int) Math.min(skip, buffer.remaining());
          buffer.position(buffer.position() + skipped);
          skip -= skipped;
          store(sink, buffer);
        }
      }
    }
  }

  private static void store(BlobSink sink, ByteBuffer buffer) throws ImageException {
    try {
      sink.write(buffer);
    } catch (ImageException e) {
      throw e;
    } catch (IOException e) {
      throw new ImageException(STORAGE, "store a blob: " + e.getMessage(), e);
    }
  }

  /**
   * How many bytes of the body we have already: all of them where a host does not know Range and
   * begins anew.
   */
  private long skip(HttpResponse<Body> response, long start) throws ImageException {
    String encoding = response.headers().firstValue("Content-Encoding").orElse("identity");
    if (!encoding.equals("identity")) {
      throw new ImageException(
          CORRUPT,
          "blob "
              + descriptor.digest()
              + " from "
              + host.host()
              + " arrived in encoding "
              + encoding);
    }
    if (response.statusCode() == 200) {
      long length =
          response.headers().firstValueAsLong("Content-Length").orElse(descriptor.sizeBytes());
      if (length != descriptor.sizeBytes()) {
        throw new ImageException(
            CORRUPT,
            "blob "
                + descriptor.digest()
                + " from "
                + host.host()
                + " has "
                + length
                + " bytes, not the "
                + descriptor.sizeBytes()
                + " announced");
      }
      return start;
    }
    Matcher range =
        CONTENT_RANGE.matcher(response.headers().firstValue("Content-Range").orElse(""));
    if (!range.matches() || Long.parseLong(range.group(1)) != start) {
      throw new ImageException(
          CORRUPT,
          "blob "
              + descriptor.digest()
              + " from "
              + host.host()
              + ": asked from byte "
              + start
              + ", got another range");
    }
    return 0;
  }
}
