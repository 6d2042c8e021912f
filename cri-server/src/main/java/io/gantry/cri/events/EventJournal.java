package io.gantry.cri.events;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Events on disk, the newest some 32 MiB of them. Appending is confined to one thread; reading goes
 * on beside it.
 */
final class EventJournal implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EventJournal.class);

  private final Path directory;
  private final long segmentBytes;
  private final long keptBytes;
  private final Stages stages;
  private long last;
  private FileChannel segment;

  private EventJournal(
      Path directory, long segmentBytes, long keptBytes, Stages stages, long last) {
    this.directory = directory;
    this.segmentBytes = segmentBytes;
    this.keptBytes = keptBytes;
    this.stages = stages;
    this.last = last;
  }

  /** Opens the journal, making its directory if it is missing; unreadable files are set aside. */
  static EventJournal open(Path directory, Clock clock) throws IOException {
    return open(directory, clock, 4 << 20, 32 << 20);
  }

  static EventJournal open(Path directory, Clock clock, long segmentBytes, long keptBytes)
      throws IOException {
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Stages stages = new Stages();
    long last = 0;
    for (Path file : segments(directory)) {
      try {
        Segment.Summary summary = Segment.summary(file);
        stages = summary.stages(); // A later file's header holds what all before it came to.
        last = Math.max(last, summary.last());
      } catch (IOException e) {
        Path aside = file.resolveSibling(file.getFileName() + ".set-aside");
        Files.move(file, aside);
        log.atWarn().addKeyValue("file", aside).addKeyValue("why", e).log("events set aside");
      }
    }
    if (last == 0) {
      // A journal that was lost must not give out its numbers again: who comes back with an old
      // one shall hear that it is too old. No node has a million events a second.
      last = TimeUnit.MILLISECONDS.toMicros(clock.millis());
    }
    return new EventJournal(directory, segmentBytes, keptBytes, stages, last);
  }

  private static List<Path> segments(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(Segment.SUFFIX)).sorted().toList();
    }
  }

  /** The number of the newest event. */
  long last() {
    return last;
  }

  /** How far everything had come by the last event that was appended. */
  Stages stages() {
    return stages;
  }

  /**
   * Writes events, durable on return.
   *
   * @throws IOException if some of them may be missing; the next ones go to another file
   */
  void append(List<Event> events) throws IOException {
    try {
      if (segment == null || segment.size() > segmentBytes) {
        begin(events.get(0).number());
      }
      StringBuilder lines = new StringBuilder();
      for (Event event : events) {
        lines.append(Segment.line(event));
        stages.add(event.message());
        last = event.number();
      }
      write(lines.toString());
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  private void begin(long first) throws IOException {
    close();
    segment =
        FileChannel.open(
            directory.resolve(Segment.name(first)),
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    write(Segment.header(stages));
    try (FileChannel parent = FileChannel.open(directory, StandardOpenOption.READ)) {
      parent.force(true);
    }
    prune();
  }

  private void write(String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      segment.write(bytes);
    }
    segment.force(false);
  }

  private void prune() throws IOException {
    List<Path> files = segments(directory);
    long bytes = 0;
    for (int i = files.size() - 1; i >= 0; i--) {
      bytes += Files.size(files.get(i));
      if (bytes > keptBytes && i < files.size() - 1) {
        Files.delete(files.get(i));
      }
    }
  }

  /**
   * Reads the events from {@code first} to {@code to}, both included, in order.
   *
   * @return false if the journal no longer has all of them; those before the gap were read
   */
  boolean read(long first, long to, Segment.Reader reader)
      throws IOException, InterruptedException {
    long[] next = {first};
    List<Path> files = segments(directory);
    for (int i = 0; i < files.size() && next[0] <= to; i++) {
      boolean later = i + 1 < files.size() && firstOf(files.get(i + 1)) <= next[0];
      if (!later && Files.exists(files.get(i))) {
        Segment.read(
            files.get(i),
            event -> {
              if (event.number() < next[0]) {
                return true;
              }
              if (event.number() > next[0] || event.number() > to) {
                return false;
              }
              next[0]++;
              return reader.take(event);
            });
      }
    }
    return next[0] > to;
  }

  private static long firstOf(Path file) {
    String name = file.getFileName().toString();
    return Long.parseLong(name.substring(0, name.length() - Segment.SUFFIX.length()));
  }

  @Override
  public void close() throws IOException {
    if (segment != null) {
      segment.close();
      segment = null;
    }
  }
}
