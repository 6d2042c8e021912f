package io.gantry.image.registry;

import static io.gantry.image.failure.ImageException.Kind.CORRUPT;
import static io.gantry.image.failure.ImageException.Kind.STORAGE;
import static io.gantry.image.failure.ImageException.Kind.UNAVAILABLE;

import io.gantry.image.failure.ImageException;
import io.gantry.image.manifest.Descriptor;
import io.gantry.image.work.Cancellation;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Brings one part of a blob after the other over one connection at a time, going on by Range where
 * one broke. A host that does not know Range sends the blob from its beginning; then what is there
 * already is passed over, and the parts behind are taken from the same answer.
 */
final class PartDownload {

  private static final Pattern CONTENT_RANGE = Pattern.compile("bytes ([0-9]{1,18})-.*");
  // Even a host that always sends a little before it breaks off must come to an end.
  private static final int CONNECTION_LIMIT = 50;

  private final HostClient host;
  private final String path;
  private final Descriptor blob;
  private final RegistrySettings settings;
  private final BlobSink sink;
  private final Runnable whenRanged;
  // What is being filled; none once a whole answer has filled the last.
  private Optional<BlobSink.Part> part = Optional.empty();
  private boolean tooSlow;
  private long stored;

  /**
   * @param whenRanged called when the host has shown that it knows ranges
   */
  PartDownload(
      HostClient host,
      String path,
      Descriptor blob,
      RegistrySettings settings,
      BlobSink sink,
      Runnable whenRanged) {
    this.host = host;
    this.path = path;
    this.blob = blob;
    this.settings = settings;
    this.sink = sink;
    this.whenRanged = whenRanged;
  }

  /** Fills the part, and maybe more; closes it whatever happens. */
  void run(BlobSink.Part first, Cancellation cancellation) throws IOException {
    part = Optional.of(first);
    try {
      int fruitless = 0;
      for (int connection = 1; isLacking(); connection++) {
        long before = stored;
        Optional<IOException> broken = connect(cancellation);
        if (!isLacking()) {
          return;
        }
        fruitless = stored > before && !tooSlow ? 0 : fruitless + 1;
        if (fruitless >= settings.patience().attempts() || connection >= CONNECTION_LIMIT) {
          throw broken(broken);
        }
        if (!host.pause(fruitless + 1, cancellation)) {
          throw broken(broken);
        }
      }
    } finally {
      if (part.isPresent()) {
        part.get().close();
      }
    }
  }

  private boolean isLacking() {
    return part.isPresent() && part.get().at() < part.get().end();
  }

  private ImageException broken(Optional<IOException> cause) {
    String so = what() + "ended after " + sink.received() + " of " + blob.sizeBytes() + " bytes";
    return cause
        .map(e -> new ImageException(UNAVAILABLE, so + ": " + HostClient.words(e), e))
        .orElseGet(() -> new ImageException(CORRUPT, so));
  }

  private String what() {
    return "blob " + blob.digest() + " from " + host.host() + ": ";
  }

  /**
   * Takes what one connection gives.
   *
   * @return how the connection broke, if it did
   */
  private Optional<IOException> connect(Cancellation cancellation) throws IOException {
    tooSlow = false;
    BlobSink.Part wanted = part.orElseThrow();
    boolean whole = wanted.at() == 0 && wanted.end() == blob.sizeBytes();
    Map<String, String> headers =
        whole ? Map.of() : Map.of("Range", "bytes=" + wanted.at() + "-" + (wanted.end() - 1));
    HttpResponse<Body> response =
        host.ask(new HostClient.Ask("GET", path, headers, Set.of(200, 206)), cancellation);
    try (Body body = response.body()) {
      checkEncoding(response);
      boolean ranged = response.statusCode() == 206;
      if (ranged) {
        checkRange(response, wanted.at());
        whenRanged.run();
      } else {
        checkLength(response);
      }
      return take(body, ranged ? wanted.at() : 0, ranged, cancellation);
    }
  }

  /** Takes a body's bytes, which begin at a place of the blob. */
  private Optional<IOException> take(
      Body body, long begin, boolean ranged, Cancellation cancellation) throws IOException {
    Pace pace = new Pace(settings.patience());
    long place = begin;
    while (true) {
      List<ByteBuffer> piece;
      try {
        piece = body.next(settings.patience().noProgressTimeout(), cancellation);
        pace.came(piece.stream().mapToLong(ByteBuffer::remaining).sum());
      } catch (ImageException e) {
        throw e;
      } catch (IOException e) {
        tooSlow = e instanceof HttpTimeoutException;
        return Optional.of(e);
      }
      if (piece.isEmpty()) {
        return Optional.empty();
      }
      for (ByteBuffer buffer : piece) {
        place = store(buffer, place, ranged);
      }
    }
  }

  /** Puts bytes where they belong; returns the place behind them. */
  private long store(ByteBuffer buffer, long begin, boolean ranged) throws IOException {
    long place = begin;
    while (buffer.hasRemaining()) {
      if (part.isEmpty() || ranged && !isLacking()) {
        if (place >= blob.sizeBytes() || ranged) {
          throw new ImageException(CORRUPT, what() + "more bytes came than there should be");
        }
        return place + buffer.remaining(); // Somebody else brings these.
      }
      BlobSink.Part filled = part.get();
      long skip = Math.min(Math.max(filled.at() - place, 0), buffer.remaining());
      buffer.position(buffer.position() + (int) skip);
      int length = (int) Math.min(buffer.remaining(), filled.end() - filled.at());
      write(filled, buffer.slice().limit(length));
      buffer.position(buffer.position() + length);
      place += skip + length;
      stored += length;
      if (!ranged && filled.at() == filled.end()) {
        filled.close();
        part = sink.part(settings.partBytes());
      }
    }
    return place;
  }

  private static void write(BlobSink.Part part, ByteBuffer bytes) throws ImageException {
    try {
      part.write(bytes);
    } catch (ImageException e) {
      throw e;
    } catch (IOException e) {
      throw new ImageException(STORAGE, "store a blob: " + e.getMessage(), e);
    }
  }

  private void checkEncoding(HttpResponse<Body> response) throws ImageException {
    String encoding = response.headers().firstValue("Content-Encoding").orElse("identity");
    if (!encoding.equals("identity")) {
      throw new ImageException(CORRUPT, what() + "arrived in encoding " + encoding);
    }
  }

  private void checkLength(HttpResponse<Body> response) throws ImageException {
    long length = response.headers().firstValueAsLong("Content-Length").orElse(blob.sizeBytes());
    if (length != blob.sizeBytes()) {
      throw new ImageException(
          CORRUPT, what() + "has " + length + " bytes, not the " + blob.sizeBytes() + " announced");
    }
  }

  private void checkRange(HttpResponse<Body> response, long start) throws ImageException {
    Matcher range =
        CONTENT_RANGE.matcher(response.headers().firstValue("Content-Range").orElse(""));
    if (!range.matches() || Long.parseLong(range.group(1)) != start) {
      throw new ImageException(
          CORRUPT, what() + "asked from byte " + start + ", got another range");
    }
  }
}
