package io.gantry.image.distribution.upload;

import io.gantry.image.distribution.exchange.Body;
import io.gantry.image.distribution.repository.Repository;
import io.gantry.image.distribution.upload.UploadException.Kind;
import io.gantry.image.reference.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One blob that a client sends in one request or in many. One request works on it at a time: a
 * newer one cuts off an older, whose client has most likely lost its connection without our having
 * noticed. Thread-safe.
 */
public final class Upload {

  /** How long the request that was cut off may take to let go. */
  private static final Duration TAKE_OVER_TIMEOUT = Duration.ofSeconds(10);

  /**
   * What is written down of it.
   *
   * @param algorithm what the blob's digest will most likely be made with
   */
  record Record(
      UploadId id, Repository repository, Digest.Algorithm algorithm, Instant startedAt) {}

  private final Uploads uploads;
  private final Record record;
  private final Path file;
  // Whoever is busy has it alone.
  private final PartialFile partial;
  // All guarded by this.
  private Optional<Body> atWork = Optional.empty();
  private boolean busy;
  private boolean ended;

  Upload(Uploads uploads, Record record, Path file) {
    this.uploads = uploads;
    this.record = record;
    this.file = file;
    this.partial = new PartialFile(file, record.algorithm());
  }

  public UploadId id() {
    return record.id();
  }

  Record record() {
    return record;
  }

  /** How many bytes have come so far. */
  public long received() throws IOException {
    // Not the count of the request at work: this is for those who want to know what is safe.
    return Files.size(file);
  }

  private interface Work<T> {
    T run() throws IOException;
  }

  /**
   * Adds what the client sends.
   *
   * @param start where the client says that it goes on
   * @return how many bytes have come so far
   * @throws UploadException OUT_OF_ORDER, TOO_LARGE or GONE
   * @throws io.gantry.image.distribution.exchange.ClientGoneException if the client left; what came
   *     until then stays
   */
  public long append(OptionalLong start, Body body) throws IOException {
    return alone(
        Optional.of(body),
        () -> {
          receive(start, body);
          return partial.size();
        });
  }

  /**
   * Adds what the client sends last, checks it all, and makes it a blob of the repository, durably.
   *
   * @throws UploadException OUT_OF_ORDER, WRONG_DIGEST, TOO_LARGE or GONE
   */
  public void finish(OptionalLong start, Body body, Digest digest) throws IOException {
    alone(
        Optional.of(body),
        () -> {
          receive(start, body);
          Digest actual = partial.digest(digest.algorithm());
          if (!actual.equals(digest)) {
            end();
            throw new UploadException(
                Kind.WRONG_DIGEST,
                "the " + partial.size() + " bytes sent have the digest " + actual);
          }
          partial.sync();
          commit(digest);
          return null;
        });
  }

  private void commit(Digest digest) throws IOException {
    try {
      uploads
          .content()
          .claims()
          .holding(
              digest,
              () -> {
                uploads.content().adopt(file, digest);
                record.repository().addBlob(digest);
                return null;
              });
    } finally {
      // Whatever failed: the file may be the store's already.
      end();
    }
  }

  /** Gives it up; has no effect if it has ended. */
  public void cancel() throws IOException {
    alone(
        Optional.empty(),
        () -> {
          end();
          return null;
        });
  }

  /** Gives it up if it has not ended, whatever else fails. */
  public void discard() throws IOException {
    boolean left;
    synchronized (this) {
      left = !ended;
    }
    if (left) {
      cancel();
    }
  }

  private void receive(OptionalLong start, Body body) throws IOException {
    if (start.isPresent() && start.getAsLong() != partial.size()) {
      throw new UploadException(
          Kind.OUT_OF_ORDER,
          "the chunk begins at "
              + start.getAsLong()
              + ", and "
              + partial.size()
              + " bytes have come so far");
    }
    if (body.length().orElse(0) > uploads.limitBytes() - partial.size()) {
      throw tooLarge();
    }
    body.transferTo(this::append);
  }

  private void append(ByteBuffer bytes) throws IOException {
    if (bytes.remaining() > uploads.limitBytes() - partial.size()) {
      throw tooLarge();
    }
    partial.append(bytes);
  }

  private UploadException tooLarge() throws IOException {
    end();
    return new UploadException(
        Kind.TOO_LARGE, "a blob may have at most " + uploads.limitBytes() + " bytes");
  }

  /** Called by the request that works on it. */
  private void end() throws IOException {
    synchronized (this) {
      ended = true;
    }
    uploads.forget(this);
  }

  private <T> T alone(Optional<Body> body, Work<T> work) throws IOException {
    begin(body);
    try {
      partial.open();
      try {
        return work.run();
      } finally {
        partial.close();
      }
    } finally {
      done();
    }
  }

  private synchronized void begin(Optional<Body> body) throws IOException {
    atWork.ifPresent(older -> older.cut("another request goes on with its upload"));
    long end = System.nanoTime() + TAKE_OVER_TIMEOUT.toNanos();
    while (busy && !ended) {
      long millis = (end - System.nanoTime()) / 1_000_000;
      if (millis <= 0) {
        throw new UploadException(Kind.GONE, "another request is at work on this upload");
      }
      try {
        wait(millis);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new UploadException(Kind.GONE, "interrupted");
      }
    }
    if (ended) {
      throw new UploadException(Kind.GONE, "this upload has ended");
    }
    busy = true;
    atWork = body;
  }

  private synchronized void done() {
    busy = false;
    atWork = Optional.empty();
    notifyAll();
  }
}
