package io.gantry.runtime.stdio;

import static io.gantry.runtime.linux.FileFlags.O_APPEND;
import static io.gantry.runtime.linux.FileFlags.O_CREAT;
import static io.gantry.runtime.linux.FileFlags.O_WRONLY;

import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.Files;
import io.gantry.runtime.linux.LinuxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;

/**
 * A container's log file in the CRI's format, shared by the streams of the container. Lines reach
 * the file whole, in O_APPEND mode, so that streams and rotation never tear one. Thread-safe.
 *
 * <p>Format: k8s.io/cri-api runtime/v1 constants.go and the kubelet's CRI log design: {@code TIME
 * STREAM TAG PAYLOAD}.
 */
public final class CriLog implements AutoCloseable {
  // The kubelet serves logs as root and adm; the world has no business in them.
  private static final int MODE = 0640;

  private final Files files;
  private final Path path;
  private final int partBytes;
  private final LogAllowance allowance; // guarded by lock; null without limits
  private final Object lock = new Object();
  private Fd file; // guarded by lock
  private int users; // guarded by lock

  private CriLog(Files files, Path path, int partBytes, LogAllowance allowance, Fd file) {
    this.files = files;
    this.path = path;
    this.partBytes = partBytes;
    this.allowance = allowance;
    this.file = file;
  }

  /**
   * Opens the file for appending, making it (mode 0640) and its directories when missing.
   *
   * @param partBytes longest payload of a line
   * @param maxBytes what a file may hold until the log is reopened; 0 for any amount
   * @param bytesPerSecond what may be written on average; 0 for any amount
   */
  public static CriLog open(
      Files files, Path path, int partBytes, long maxBytes, long bytesPerSecond)
      throws IOException {
    LogAllowance allowance =
        maxBytes == 0 && bytesPerSecond == 0 ? null : new LogAllowance(maxBytes, bytesPerSecond);
    CriLog log = new CriLog(files, path, partBytes, allowance, openFile(files, path));
    if (allowance != null) {
      allowance.opened(java.nio.file.Files.size(path));
    }
    return log;
  }

  private static Fd openFile(Files files, Path path) throws IOException {
    java.nio.file.Files.createDirectories(path.getParent());
    return files.open(Fd.CWD, path.toString(), O_WRONLY | O_CREAT | O_APPEND, MODE);
  }

  /**
   * A stream of lines tagged {@code stdout} or {@code stderr}; the file is closed with its last
   * stream.
   */
  public OutputSink stream(String name) {
    synchronized (lock) {
      users++;
    }
    return new CriLogStream(this, name, partBytes, java.time.Clock.systemUTC());
  }

  /**
   * Opens the path anew: lines from now on go to the new file. When this fails the old file stays
   * in use.
   */
  public void reopen() throws IOException {
    Fd fresh = openFile(files, path);
    Fd old;
    synchronized (lock) {
      if (file.isClosed()) {
        fresh.close();
        throw new IOException("reopen log " + path + ": the log is closed");
      }
      old = file;
      remark("stderr");
      file = fresh;
      if (allowance != null) {
        allowance.opened(java.nio.file.Files.size(path));
      }
    }
    old.close();
  }

  /**
   * Whether a line may be written; if not, it counts as dropped.
   *
   * @param bytes of the whole line in the file
   * @param payload of it what the program wrote
   */
  boolean admits(int bytes, int payload, Instant now) {
    if (allowance == null) {
      return true;
    }
    synchronized (lock) {
      long nanos = now.getEpochSecond() * 1_000_000_000L + now.getNano();
      return allowance.admits(bytes, payload, nanos);
    }
  }

  /** Counts the rest of a line of which a part was dropped. */
  void drop(int payload) {
    synchronized (lock) {
      allowance.drop(payload);
    }
  }

  /** How much was dropped and is not told of in the log yet. */
  long takeDropped() {
    if (allowance == null) {
      return 0;
    }
    synchronized (lock) {
      return allowance.takeDropped();
    }
  }

  /** Says in the log how much is missing there, if anything is. */
  private void remark(String stream) throws LinuxException {
    long dropped = takeDropped();
    if (dropped > 0) {
      Bytes line = new Bytes(128);
      remark(line, new LogTime().format(Instant.now()), " " + stream + " ", dropped);
      append(line.array(), line.length());
    }
  }

  /** A line that tells how much is missing. */
  static void remark(Bytes to, byte[] time, String stream, long dropped) {
    to.add(time, 0, LogTime.LENGTH);
    String text = stream + "F gantry: dropped " + dropped + " bytes beyond the log's limits\n";
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    to.add(bytes, 0, bytes.length);
  }

  /** Writes whole lines. */
  void append(byte[] lines, int length) throws LinuxException {
    synchronized (lock) {
      int done = 0;
      while (done < length) {
        done += files.write(file, lines, done, length - done);
      }
    }
  }

  void release() {
    synchronized (lock) {
      users--;
      if (users == 0) {
        remarkAtTheEnd();
        file.close();
      }
    }
  }

  private void remarkAtTheEnd() {
    try {
      remark("stderr");
    } catch (LinuxException e) {
      // A disk that takes no remark has lost more than it could tell of.
    }
  }

  @Override
  public void close() {
    synchronized (lock) {
      file.close();
    }
  }

  @Override
  public String toString() {
    return path.toString();
  }

  /** A byte array that grows, with its length. */
  static final class Bytes {
    private byte[] array;
    private int length;

    Bytes(int capacity) {
      array = new byte[capacity];
    }

    void add(byte[] from, int offset, int count) {
      if (array.length - length < count) {
        array = Arrays.copyOf(array, Math.max(array.length * 2, length + count));
      }
      System.arraycopy(from, offset, array, length, count);
      length += count;
    }

    byte[] array() {
      return array;
    }

    int length() {
      return length;
    }

    void removeFirst(int count) {
      System.arraycopy(array, count, array, 0, length - count);
      length -= count;
    }

    void clear() {
      length = 0;
    }
  }
}
