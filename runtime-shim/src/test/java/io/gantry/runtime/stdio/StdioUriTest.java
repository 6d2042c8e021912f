package io.gantry.runtime.stdio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class StdioUriTest {
  @Test
  void parse_knowsEveryForm() {
    assertEquals(new StdioUri.Nowhere(), StdioUri.parse(""));
    assertEquals(new StdioUri.FifoOrFile(Path.of("/a/b")), StdioUri.parse("/a/b"));
    assertEquals(new StdioUri.FifoOrFile(Path.of("/a/b")), StdioUri.parse("fifo:///a/b"));
    assertEquals(new StdioUri.AppendedFile(Path.of("/a")), StdioUri.parse("file:///a"));
    assertEquals(
        new StdioUri.CriLogFile(Path.of("/a b?"), 20, 0, 0),
        StdioUri.parse("gantry-log:///a%20b%3f?max-line=20"));
    assertEquals(
        new StdioUri.CriLogFile(Path.of("/a"), StdioUri.DEFAULT_LOG_PART_BYTES, 0, 0),
        StdioUri.parse("gantry-log:///a"));
    assertEquals(
        new StdioUri.CriLogFile(Path.of("/a"), 20, 5000, 600),
        StdioUri.parse("gantry-log:///a?max-line=20&max-bytes=5000&rate=600"));
    assertEquals(new StdioUri.HeldOpen(true), StdioUri.parse("gantry-stdin:///?once=true"));
    assertEquals(new StdioUri.HeldOpen(false), StdioUri.parse("gantry-stdin:///"));
  }

  @Test
  void parse_refusesWhatItDoesNotKnow() {
    for (String bad :
        List.of(
            "relative",
            "file://relative",
            "binary:///logger",
            "gantry-log:///a?max-line=0",
            "gantry-log:///a?max-line=x",
            "gantry-log:///a?max-line",
            "gantry-log:///a?max-bytes=-1",
            "gantry-log:///a?rate=x",
            "gantry-log:///a%2")) {
      assertThrows(IllegalArgumentException.class, () -> StdioUri.parse(bad), bad);
    }
  }

  @Test
  void request_sendsBothStreamsToOneFile() {
    StdioRequest request = StdioRequest.parse("", "file:///a", "/ignored", false);
    assertEquals(new StdioUri.AppendedFile(Path.of("/a")), request.stderr());
  }

  @Test
  void request_withTerminalHasNoStderr() {
    StdioRequest request = StdioRequest.parse("", "/a", "/b", true);
    assertEquals(new StdioUri.Nowhere(), request.stderr());
  }
}
