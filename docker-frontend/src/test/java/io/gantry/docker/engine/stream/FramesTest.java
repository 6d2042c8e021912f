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
  void webSocket_answersAsTheSpecificationsExample() {
    // RFC 6455, section 1.3.
    assertEquals("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", WebSocket.answerTo("dGhlIHNhbXBsZSBub25jZQ=="));
  }
}
