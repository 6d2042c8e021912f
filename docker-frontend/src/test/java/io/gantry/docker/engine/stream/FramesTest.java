package io.gantry.docker.engine.stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class FramesTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  @Test
  void write_saysWhichStreamAndHowLong() throws IOException {
    new Frames(out, true).write(Frames.STDERR, new byte[] {'h', 'i'});

    assertArrayEquals(new byte[] {2, 0, 0, 0, 0, 0, 0, 2, 'h', 'i'}, out.toByteArray());
  }

  @Test
  void write_leavesATerminalsOutputAsItIs() throws IOException {
    new Frames(out, false).write(Frames.STDOUT, new byte[] {'h', 'i'});

    assertArrayEquals(new byte[] {'h', 'i'}, out.toByteArray());
  }

  @Test
  void contentType_tellsFramesFromATerminal_toClientsThatKnowTheDifference() {
    assertEquals("application/vnd.docker.multiplexed-stream", Frames.contentType(true, true));
    assertEquals("application/vnd.docker.raw-stream", Frames.contentType(true, false));
    assertEquals("application/vnd.docker.raw-stream", Frames.contentType(false, true));
  }

  @Test
  void webSocket_answersAsTheSpecificationsExample() {
    // RFC 6455, section 1.3.
    assertEquals("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", WebSocket.answerTo("dGhlIHNhbXBsZSBub25jZQ=="));
  }
}
