package io.gantry.docker.engine.logs;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Reads a log for one client. */
public final class LogReader {
  private static final long PAUSE_MILLIS = 100;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSSSS'Z'").withZone(ZoneOffset.UTC);

  private final LogFiles files;
  private final LogRequest request;
  private final Sink sink;
  private final boolean[] continued = new boolean[2];
  private long kept;
  private Object key;

  /** Takes what was written, by stream: 1 for output, 2 for errors. */
  @FunctionalInterface
  public interface Sink {
    void write(int stream, byte[] bytes) throws IOException;
  }

  public LogReader(LogFiles files, LogRequest request, Sink sink) {
    this.files = files;
    this.request = request;
    this.sink = sink;
  }

  /**
   * Reads what is wanted.
   *
   * @param grows whether more may come: a container's that runs
   */
  public void read(BooleanSupplier grows) throws IOException, InterruptedException {
    Deque<LogLine> last = new ArrayDeque<>();
    FileChannel current = null;
    try {
      for (Path path : files.oldestFirst()) {
        FileChannel file = open(path);
        if (file == null) {
          continue;
        }
        try {
          readWhole(file, last);
        } finally {
          if (path.equals(files.current())) {
            current = file;
          } else {
            file.close();
          }
        }
      }
      for (LogLine line : last) {
        send(line);
      }
      if (request.follow()) {
        follow(current, grows);
        current = null;
      }
    } finally {
      if (current != null) {
        current.close();
      }
    }
  }

  private FileChannel open(Path path) throws IOException {
    try {
      key = keyOf(path);
      return FileChannel.open(path, StandardOpenOption.READ);
    } catch (NoSuchFileException e) {
      return null; // Turned over, and away, meanwhile.
    }
  }

  private void readWhole(FileChannel file, Deque<LogLine> last) throws IOException {
    Lines lines = new Lines(file);
    byte[] bytes;
    while ((bytes = lines.next()) != null) {
      Optional<LogLine> line = LogLine.parse(bytes).filter(request::wants);
      if (line.isEmpty() || request.tail() == 0) {
        continue;
      }
      if (request.tail() < 0) {
        send(line.get());
        continue;
      }
      last.add(line.get());
      kept += line.get().whole() ? 1 : 0;
      while (kept > request.tail()) {
        kept -= last.remove().whole() ? 1 : 0;
      }
    }
    file.position(lines.position());
  }

  private void follow(FileChannel begun, BooleanSupplier grows)
      throws IOException, InterruptedException {
    FileChannel file = begun;
    try {
      while (true) {
        boolean more = grows.getAsBoolean();
        if (file == null) {
          file = open(files.current());
        }
        boolean past = file != null && sendNew(file);
        if (past) {
          return;
        }
        if (file != null && wasTurnedOver()) {
          sendNew(file);
          file.close();
          file = open(files.current());
          continue;
        }
        if (!more) {
          return;
        }
        Thread.sleep(PAUSE_MILLIS);
      }
    } finally {
      if (file != null) {
        file.close();
      }
    }
  }

  /** Whether a line came that is later than wanted. */
  private boolean sendNew(FileChannel file) throws IOException {
    Lines lines = new Lines(file);
    byte[] bytes;
    while ((bytes = lines.next()) != null) {
      Optional<LogLine> line = LogLine.parse(bytes);
      if (line.isPresent() && request.isPast(line.get())) {
        return true;
      }
      if (line.isPresent() && request.wants(line.get())) {
        send(line.get());
      }
    }
    file.position(lines.position());
    return false;
  }

  /** The file of that name is another one now, or none. */
  private boolean wasTurnedOver() throws IOException {
    try {
      return !keyOf(files.current()).equals(key);
    } catch (NoSuchFileException e) {
      return true;
    }
  }

  private static Object keyOf(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
  }

  private void send(LogLine line) throws IOException {
    int stream = line.error() ? 2 : 1;
    byte[] bytes = line.bytes();
    if (request.timestamps() && !continued[stream - 1]) {
      byte[] time = (TIME.format(line.time()) + " ").getBytes(StandardCharsets.US_ASCII);
      byte[] all = new byte[time.length + bytes.length];
      System.arraycopy(time, 0, all, 0, time.length);
      System.arraycopy(bytes, 0, all, time.length, bytes.length);
      bytes = all;
    }
    continued[stream - 1] = !line.whole();
    sink.write(stream, bytes);
  }

  /** Whole lines from a channel's position on; what is not a whole line yet is left there. */
  private static final class Lines {
    private final InputStream in;
    private long position;

    Lines(FileChannel file) throws IOException {
      this.position = file.position();
      this.in = new BufferedInputStream(Channels.newInputStream(file), 64 * 1024);
    }

    long position() {
      return position;
    }

    byte[] next() throws IOException {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      int octet;
      while ((octet = in.read()) >= 0) {
        if (octet == '\n') {
          position += line.size() + 1;
          return line.toByteArray();
        }
        line.write(octet);
      }
      return null;
    }
  }
}
