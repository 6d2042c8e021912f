package io.gantry.docker.engine.logs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gantry.docker.engine.api.Query;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogReaderTest {
  @TempDir private Path directory;
  private Path log;

  @BeforeEach
  void write() throws Exception {
    log = directory.resolve("c.log");
    Files.writeString(
        directory.resolve("c.log.1"), "2026-01-01T00:00:00.000000001Z stdout F oldest\n");
    Files.writeString(
        log,
        """
        2026-01-01T00:00:01.000000000Z stdout P be
        2026-01-01T00:00:01.000000000Z stdout F ginning
        2026-01-01T00:00:02.000000000Z stderr F error
        2026-01-01T00:00:03.500000000Z stdout F last
        2026-01-01T00:00:04.000000000Z stdout F torn\
        """);
  }

  @Test
  void read_putsFilesAndPartsTogether() throws Exception {
    assertEquals("oldest\nbeginning\nlast\n", read("stdout=1"));
    assertEquals("error\n", read("stderr=1"));
  }

  @Test
  void read_takesWhatIsAskedFor() throws Exception {
    assertEquals("beginning\nlast\n", read("stdout=1&tail=2"));
    assertEquals("", read("stdout=1&tail=0"));
    assertEquals("last\n", read("stdout=1&since=2026-01-01T00:00:02Z"));
    assertEquals("oldest\n", read("stdout=1&until=1767225600.5"));
    assertEquals("2026-01-01T00:00:03.500000000Z last\n", read("stdout=1&tail=1&timestamps=1"));
  }

  @Test
  void read_followsIntoANewFile() throws Exception {
    int[] rounds = {0};

    String text =
        read(
            "stdout=1&tail=0&follow=1",
            () -> {
              rounds[0]++;
              try {
                if (rounds[0] == 2) {
                  Files.move(log, directory.resolve("c.log.2"));
                  Files.writeString(log, "2026-01-01T00:00:09Z stdout F new\n");
                }
              } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
              return rounds[0] < 5;
            });

    assertEquals("new\n", text);
  }

  private String read(String query) throws Exception {
    return read(query, () -> false);
  }

  private String read(String query, java.util.function.BooleanSupplier grows) throws Exception {
    StringBuilder text = new StringBuilder();
    new LogReader(
            new LogFiles(log),
            LogRequest.of(Query.parse(query), Instant.now()),
            (stream, bytes) -> text.append(new String(bytes, StandardCharsets.UTF_8)))
        .read(grows);
    return text.toString();
  }
}
