package io.gantry.runtime.stdio;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;

/**
 * Splits a stream into lines and parts of the CRI log: a full line, and the last part of a long
 * one, is tagged F; a part that the line goes on after, or that the stream ended in, is tagged P. A
 * carriage return before the line feed is dropped with it.
 */
final class CriLogStream implements OutputSink {
  private static final byte[] FULL = {'F', ' '};
  private static final byte[] PARTIAL = {'P', ' '};
  private static final byte[] END = {'\n'};
  private static final int INITIAL_BYTES = 512;

  private final CriLog log;
  private final String name;
  private final byte[] stream;
  private final int partBytes;
  private final Clock clock;
  private final LogTime time = new LogTime();
  private final CriLog.Bytes pending =
      new CriLog.Bytes(INITIAL_BYTES); // the beginning of a line, not yet written
  private final CriLog.Bytes lines = new CriLog.Bytes(INITIAL_BYTES); // formatted, not yet written

  /** Whether a part of the line at hand was dropped: then its rest is, too. */
  private boolean cut;

  CriLogStream(CriLog log, String name, int partBytes, Clock clock) {
    this.log = log;
    this.name = name;
    this.stream = (" " + name + " ").getBytes(StandardCharsets.US_ASCII);
    this.partBytes = partBytes;
    this.clock = clock;
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    Instant now = clock.instant();
    int end = offset + length;
    int at = offset;
    while (at < end) {
      int feed = at;
      while (feed < end && bytes[feed] != '\n') {
        feed++;
      }
      pending.add(bytes, at, feed - at);
      if (feed < end) {
        line(now);
      } else {
        parts(now);
      }
      at = feed + 1;
    }
    writeLines();
  }

  /** Ends the line that is pending, now that its line feed has come. */
  private void line(Instant now) {
    int length = pending.length();
    if (length > 0 && pending.array()[length - 1] == '\r') {
      length--;
    }
    int at = 0;
    while (length - at > partBytes) {
      format(now, PARTIAL, at, partBytes);
      at += partBytes;
    }
    format(now, FULL, at, length - at);
    pending.clear();
  }

  /** Gives out the parts of a long line for which it is certain that more of the line follows. */
  private void parts(Instant now) {
    int length = pending.length();
    int at = 0;
    while (length - at > partBytes && !mayEndAfter(at + partBytes, length)) {
      format(now, PARTIAL, at, partBytes);
      at += partBytes;
    }
    if (at > 0) {
      pending.removeFirst(at);
    }
  }

  /** A lone carriage return after a full part may be the beginning of the line's end. */
  private boolean mayEndAfter(int end, int length) {
    return length == end + 1 && pending.array()[end] == '\r';
  }

  @Override
  public void flush() throws IOException {
    Instant now = clock.instant();
    int at = 0;
    while (at < pending.length()) {
      int part = Math.min(partBytes, pending.length() - at);
      format(now, PARTIAL, at, part);
      at += part;
    }
    pending.clear();
    writeLines();
  }

  private void format(Instant now, byte[] tag, int offset, int length) {
    if (isDropped(now, tag == FULL, length)) {
      return;
    }
    lines.add(time.format(now), 0, LogTime.LENGTH);
    lines.add(stream, 0, stream.length);
    lines.add(tag, 0, tag.length);
    lines.add(pending.array(), offset, length);
    lines.add(END, 0, END.length);
  }

  private boolean isDropped(Instant now, boolean full, int payload) {
    if (cut) {
      log.drop(payload);
      cut = !full;
      return true;
    }
    int bytes = LogTime.LENGTH + stream.length + FULL.length + payload + END.length;
    if (!log.admits(bytes, payload, now)) {
      cut = !full;
      return true;
    }
    long dropped = log.takeDropped();
    if (dropped > 0) {
      CriLog.remark(lines, time.format(now), " " + name + " ", dropped);
    }
    return false;
  }

  private void writeLines() throws IOException {
    try {
      if (lines.length() > 0) {
        log.append(lines.array(), lines.length());
      }
    } finally {
      // Also after a failure: what could not be written is lost, and memory must not grow while the
      // disk is full.
      lines.clear();
    }
  }

  @Override
  public void close() {
    log.release();
  }
}
