package io.gantry.image.content;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Which parts of a blob have come. It is cut into chunks of one size, each filled from its
 * beginning by one connection at a time, which may take several chunks in a row. Confined to its
 * arrival's lock.
 */
final class Chunks {

  /** Also how much is lost at most of what one connection brought when the process dies. */
  static final int CHUNK_BYTES = 4 << 20;

  private final long sizeBytes;
  private final Notes notes;
  // By chunk: how many bytes of it have come, and whether somebody fills it.
  private final int[] have;
  private final boolean[] taken;
  // Of the chunks that have come in part.
  private final Map<Integer, CRC32C> sums = new HashMap<>();
  private long received;
  private int noted;
  // The first chunk that has not come whole; only grows.
  private int firstOpen;

  private Chunks(long sizeBytes, Notes notes) {
    this.sizeBytes = sizeBytes;
    this.notes = notes;
    int count = Math.toIntExact((sizeBytes + CHUNK_BYTES - 1) / CHUNK_BYTES);
    this.have = new int[count];
    this.taken = new boolean[count];
  }

  /**
   * Goes on where the notes say; each chunk they name is read, and counts if its bytes are those
   * that came.
   */
  static Chunks open(long sizeBytes, Notes notes, FileChannel file) throws IOException {
    Chunks chunks = new Chunks(sizeBytes, notes);
    Map<Integer, Long> good = new LinkedHashMap<>();
    for (Map.Entry<Integer, Long> note : notes.read().entrySet()) {
      int chunk = note.getKey();
      if (chunk < chunks.have.length
          && chunks.have[chunk] == 0
          && note.getValue() == chunks.sumOnDisk(chunk, file)) {
        good.put(chunk, note.getValue());
        chunks.have[chunk] = chunks.lengthOf(chunk);
        chunks.received += chunks.lengthOf(chunk);
      }
    }
    if (good.isEmpty()) {
      file.truncate(0);
      notes.delete();
    } else {
      notes.write(good);
      chunks.noted = good.size();
    }
    return chunks;
  }

  /** The checksum of a chunk as it is in the file, or -1 if the file ends within it. */
  private long sumOnDisk(int chunk, FileChannel file) throws IOException {
    CRC32C sum = new CRC32C();
    ByteBuffer buffer = ByteBuffer.allocate(256 << 10);
    long at = startOf(chunk);
    long end = at + lengthOf(chunk);
    while (at < end) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), end - at));
      int n = file.read(buffer, at);
      if (n < 0) {
        return -1;
      }
      sum.update(buffer.flip());
      at += n;
    }
    return sum.getValue();
  }

  private static long startOf(int chunk) {
    return (long) chunk * CHUNK_BYTES;
  }

  private int lengthOf(int chunk) {
    return (int) Math.min(CHUNK_BYTES, sizeBytes - startOf(chunk));
  }

  long received() {
    return received;
  }

  /** How many chunks a later arrival could build upon. */
  int noted() {
    return noted;
  }

  /** How many bytes have come from the beginning on without a gap. */
  long frontier() {
    while (firstOpen < have.length && have[firstOpen] == lengthOf(firstOpen)) {
      firstOpen++;
    }
    return firstOpen == have.length ? sizeBytes : startOf(firstOpen) + have[firstOpen];
  }

  /** The first stretch that nobody fills yet, to be filled by the caller from now on. */
  Optional<Span> take(long mostBytes) {
    frontier();
    for (int chunk = firstOpen; chunk < have.length; chunk++) {
      if (!taken[chunk] && have[chunk] < lengthOf(chunk)) {
        return Optional.of(take(chunk, mostBytes));
      }
    }
    return Optional.empty();
  }

  private Span take(int first, long mostBytes) {
    long from = startOf(first) + have[first];
    int behind = first;
    do {
      taken[behind] = true;
      behind++;
    } while (behind < have.length
        && !taken[behind]
        && have[behind] == 0
        && startOf(behind) + lengthOf(behind) - from <= mostBytes);
    return new Span(from, Math.min(sizeBytes, startOf(behind)));
  }

  /** Notes that bytes are on disk, at the place that their stretch has come to. */
  void came(long at, ByteBuffer bytes) throws IOException {
    long place = at;
    while (bytes.hasRemaining()) {
      int chunk = (int) (place / CHUNK_BYTES);
      int n = Math.min(bytes.remaining(), lengthOf(chunk) - have[chunk]);
      CRC32C sum = sums.computeIfAbsent(chunk, any -> new CRC32C());
      sum.update(bytes.slice().limit(n));
      bytes.position(bytes.position() + n);
      have[chunk] += n;
      received += n;
      place += n;
      if (have[chunk] == lengthOf(chunk)) {
        sums.remove(chunk);
        note(chunk, sum.getValue());
      }
    }
  }

  private void note(int chunk, long sum) throws IOException {
    if (lengthOf(chunk) < CHUNK_BYTES && have.length == 1) {
      return; // A small blob is not worth it.
    }
    if (noted == 0) {
      notes.write(Map.of(chunk, sum));
    } else {
      notes.add(chunk, sum);
    }
    noted++;
  }

  /** Ends the filling of a stretch, whatever came of it. */
  void giveBack(long from, long to) {
    if (from < to) {
      int last = (int) ((to - 1) / CHUNK_BYTES);
      for (int chunk = (int) (from / CHUNK_BYTES); chunk <= last; chunk++) {
        taken[chunk] = false;
      }
    }
  }

  void forget() throws IOException {
    notes.delete();
    Arrays.fill(have, 0);
    Arrays.fill(taken, false);
    sums.clear();
    received = 0;
    noted = 0;
    firstOpen = 0;
  }
}
