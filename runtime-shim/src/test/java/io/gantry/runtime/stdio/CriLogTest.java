package io.gantry.runtime.stdio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.runtime.linux.Linux;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CriLogTest {
  private static final Pattern LINE =
      Pattern.compile(
          "(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}Z) (stdout|stderr) ([FP]) ((?s:.*))");
  private static final int PART = 10;

  @TempDir Path directory;
  private final Linux linux = Linux.open();

  private CriLog open(Path file) throws IOException {
    return CriLog.open(linux.files(), file, PART, 0, 0);
  }

  private static void write(OutputSink sink, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    sink.write(bytes, 0, bytes.length);
  }

  /** Stream, tag and payload of each line, after checking its form. */
  private static List<String> lines(Path file) throws IOException {
    String text = Files.readString(file);
    assertTrue(text.isEmpty() || text.endsWith("\n"), "whole lines only");
    return Arrays.stream(text.split("\n"))
        .filter(line -> !line.isEmpty())
        .map(
            line -> {
              Matcher matcher = LINE.matcher(line);
              assertTrue(matcher.matches(), line);
              Instant.parse(matcher.group(1));
              return matcher.group(2) + " " + matcher.group(3) + " " + matcher.group(4);
            })
        .toList();
  }

  private List<String> logged(String... writes) throws IOException {
    Path file = directory.resolve("log");
    Files.deleteIfExists(file);
    try (OutputSink stdout = open(file).stream("stdout")) {
      for (String text : writes) {
        write(stdout, text);
      }
      stdout.flush();
    }
    return lines(file);
  }

  @Test
  void line_isFull() throws Exception {
    assertEquals(List.of("stdout F hello", "stdout F you"), logged("hello\nyou\n"));
  }

  @Test
  void line_isPutTogetherFromItsPieces() throws Exception {
    assertEquals(List.of("stdout F hello"), logged("he", "l", "lo", "\n"));
  }

  @Test
  void emptyLine_isFullAndEmpty() throws Exception {
    assertEquals(List.of("stdout F ", "stdout F "), logged("\n\n"));
  }

  @Test
  void lineWithoutEnd_isPartialAtTheEndOfTheStream() throws Exception {
    assertEquals(List.of("stdout F a", "stdout P b"), logged("a\nb"));
  }

  @Test
  void carriageReturn_goesWithItsLineFeedOnly() throws Exception {
    assertEquals(List.of("stdout F a", "stdout F b\rc"), logged("a\r\nb\rc\n").stream().toList());
    assertEquals(List.of("stdout F a"), logged("a\r", "\n"));
  }

  @Test
  void longLine_isSplitIntoPartsWithTheLastOneFull() throws Exception {
    assertEquals(
        List.of("stdout P 0123456789", "stdout P abcdefghij", "stdout F xyz"),
        logged("0123456789abcdefghijxyz\n"));
  }

  @Test
  void lineOfExactlyOnePart_isFullHoweverItComes() throws Exception {
    assertEquals(List.of("stdout F 0123456789"), logged("0123456789\n"));
    assertEquals(List.of("stdout F 0123456789"), logged("0123456789", "\n"));
    assertEquals(List.of("stdout F 0123456789"), logged("0123456789\r\n"));
    assertEquals(List.of("stdout F 0123456789"), logged("0123456789", "\r", "\n"));
    assertEquals(List.of("stdout P 0123456789", "stdout F \rx"), logged("0123456789\r", "x\n"));
  }

  @Test
  void part_isWrittenBeforeItsLineEnds() throws Exception {
    Path file = directory.resolve("log");
    try (OutputSink stdout = open(file).stream("stdout")) {
      write(stdout, "0123456789ab");
      assertEquals(List.of("stdout P 0123456789"), lines(file));
    }
  }

  @Test
  void anyChunking_givesTheSameLog() throws Exception {
    Random random = new Random(42);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 3000; i++) {
      text.append("ab\r\n".charAt(random.nextInt(4)));
      if (random.nextInt(20) == 0) {
        text.append("0123456789".repeat(random.nextInt(4)));
      }
    }
    List<String> whole = logged(text.toString());
    for (int round = 0; round < 5; round++) {
      String[] pieces = new String[200];
      int at = 0;
      for (int i = 0; i < pieces.length; i++) {
        int end =
            i == pieces.length - 1
                ? text.length()
                : Math.min(text.length(), at + random.nextInt(40));
        pieces[i] = text.substring(at, end);
        at = end;
      }
      assertEquals(whole, logged(pieces));
    }
  }

  @Test
  void streams_shareTheFile() throws Exception {
    Path file = directory.resolve("log");
    CriLog log = open(file);
    try (OutputSink stdout = log.stream("stdout");
        OutputSink stderr = log.stream("stderr")) {
      write(stdout, "out, be");
      write(stderr, "err\n");
      write(stdout, "gun\n");
    }
    assertEquals(List.of("stderr F err", "stdout F out, begun"), lines(file));
  }

  @Test
  void file_isAppendedToAndClosedToTheWorld() throws Exception {
    Path file = directory.resolve("made").resolve("too").resolve("log");
    for (String line : List.of("one\n", "two\n")) {
      try (OutputSink stdout = open(file).stream("stdout")) {
        write(stdout, line);
      }
    }
    assertEquals(List.of("stdout F one", "stdout F two"), lines(file));
    assertEquals("rw-r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
  }

  @Test
  void reopen_leavesWrittenLinesInTheRotatedFile() throws Exception {
    Path file = directory.resolve("log");
    Path rotated = directory.resolve("log.1");
    CriLog log = open(file);
    try (OutputSink stdout = log.stream("stdout")) {
      write(stdout, "one\nbegun");
      Files.move(file, rotated);
      write(stdout, " old\n");
      log.reopen();
      write(stdout, "two\n");
    }
    assertEquals(List.of("stdout F one", "stdout F begun old"), lines(rotated));
    assertEquals(List.of("stdout F two"), lines(file));
  }

  @Test
  void reopen_thatFailsKeepsTheOldFile() throws Exception {
    Path file = directory.resolve("log");
    CriLog log = open(file);
    try (OutputSink stdout = log.stream("stdout")) {
      Files.move(file, directory.resolve("log.1"));
      Files.createDirectory(file);
      assertThrows(IOException.class, log::reopen);
      write(stdout, "still\n");
    }
    assertEquals(List.of("stdout F still"), lines(directory.resolve("log.1")));
  }

  @Test
  void cap_dropsWhatComesAfterAndSaysHowMuchAtTheEnd() throws Exception {
    Path file = directory.resolve("log");
    try (OutputSink stdout = CriLog.open(linux.files(), file, PART, 600, 0).stream("stdout")) {
      for (int i = 0; i < 20; i++) {
        write(stdout, "line " + i + "\n");
      }
    }
    List<String> lines = lines(file);
    int kept = lines.size() - 1;
    assertTrue(kept > 3 && kept < 20, lines::toString);
    for (int i = 0; i < kept; i++) {
      assertEquals("stdout F line " + i, lines.get(i));
    }
    long dropped = IntStream.range(kept, 20).mapToLong(i -> ("line " + i).length()).sum();
    assertEquals(
        "stderr F gantry: dropped " + dropped + " bytes beyond the log's limits", lines.get(kept));
    assertTrue(Files.size(file) <= 600, () -> lines.toString());
  }

  @Test
  void cap_beginsAnewWithTheNextFile_andCountsWhatAFileHolds() throws Exception {
    Path file = directory.resolve("log");
    Path rotated = directory.resolve("log.1");
    CriLog log = CriLog.open(linux.files(), file, PART, 600, 0);
    try (OutputSink stdout = log.stream("stdout")) {
      write(stdout, "x\n".repeat(50));
      Files.move(file, rotated);
      log.reopen();
      write(stdout, "two\n");
    }
    assertTrue(lines(rotated).get(lines(rotated).size() - 1).contains("dropped"), "told there");
    assertEquals(List.of("stdout F two"), lines(file));

    Files.writeString(file, "x".repeat(600) + "\n");
    long before = Files.size(file);
    try (OutputSink stdout = CriLog.open(linux.files(), file, PART, 600, 0).stream("stdout")) {
      write(stdout, "three\n");
    }
    assertTrue(Files.readString(file).endsWith("dropped 5 bytes beyond the log's limits\n"));
    assertTrue(Files.size(file) - before < 128, "the remark alone");
  }

  @Test
  void lineThatIsCut_isDroppedToItsEnd() throws Exception {
    Path file = directory.resolve("log");
    try (OutputSink stdout = CriLog.open(linux.files(), file, PART, 600, 0).stream("stdout")) {
      write(stdout, "y".repeat(1000) + "\n");
    }
    List<String> lines = lines(file);
    assertTrue(lines.subList(0, lines.size() - 1).stream().allMatch(l -> l.startsWith("stdout P")));
    assertTrue(lines.get(lines.size() - 1).startsWith("stderr F gantry: dropped "));
  }

  @Test
  void rate_allowsASecondsWorthAndWhatTimeBrings() {
    LogAllowance allowance = new LogAllowance(0, 100);
    long second = 1_000_000_000L;
    assertTrue(allowance.admits(60, 50, second));
    assertFalse(allowance.admits(60, 50, second), "40 are left");
    assertFalse(allowance.admits(60, 50, second + second / 10), "and 10 more");
    assertTrue(allowance.admits(60, 50, second + second / 5));
    assertEquals(100, allowance.takeDropped());
    assertEquals(0, allowance.takeDropped());
    assertTrue(allowance.admits(60, 50, 100 * second), "credit does not pile up");
    assertFalse(allowance.admits(60, 50, 100 * second));
    assertTrue(allowance.admits(500, 490, 200 * second), "nor is a long line held up for ever");
    assertFalse(allowance.admits(60, 50, 201 * second), "but paid for later");
  }

  @Test
  void time_isFormattedAsTheStandardSays() {
    LogTime time = new LogTime();
    for (String text :
        List.of(
            "1970-01-01T00:00:00.000000000Z",
            "2000-02-29T23:59:59.999999999Z",
            "2026-11-23T19:08:44.000000001Z",
            "2100-03-01T12:30:00.120000000Z")) {
      assertEquals(text, new String(time.format(Instant.parse(text)), StandardCharsets.US_ASCII));
    }
  }
}
