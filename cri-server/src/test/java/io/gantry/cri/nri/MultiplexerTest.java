package io.gantry.cri.nri;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class MultiplexerTest {
  private SocketPair sockets;
  private Multiplexer multiplexer;
  private ByteChannel one;
  private ByteChannel two;

  @BeforeEach
  void open() throws IOException {
    sockets = SocketPair.open();
    multiplexer = new Multiplexer(sockets.here());
    one = multiplexer.open(1);
    two = multiplexer.open(2);
    multiplexer.start("test");
  }

  @AfterEach
  void close() throws IOException {
    multiplexer.close();
    sockets.close();
  }

  @Test
  void piece_goesOutWithItsChannelAndLength() throws IOException {
    two.write(ByteBuffer.wrap("data".getBytes(StandardCharsets.US_ASCII)));

    assertArrayEquals(
        new byte[] {0, 0, 0, 2, 0, 0, 0, 4, 'd', 'a', 't', 'a'}, bytes(sockets.there(), 12));
  }

  @Test
  void largeData_goesOutInPiecesThatPluginsCanRead() throws IOException {
    Thread writer = new Thread(() -> write(one, new byte[5000]));
    writer.start();

    ByteBuffer first = ByteBuffer.wrap(bytes(sockets.there(), 8 + 4096));
    assertEquals(1, first.getInt());
    assertEquals(4096, first.getInt());
    ByteBuffer second = ByteBuffer.wrap(bytes(sockets.there(), 8 + 904));
    assertEquals(1, second.getInt());
    assertEquals(904, second.getInt());
  }

  private static void write(ByteChannel channel, byte[] data) {
    try {
      channel.write(ByteBuffer.wrap(data));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void pieces_comeInOnTheirChannelsWhateverIsReadAtATime() throws IOException {
    send(2, "second");
    send(1, "fir");
    send(1, "st");

    assertEquals("first", text(one, 5));
    assertEquals("sec", text(two, 3));
    assertEquals("ond", text(two, 3));
  }

  @Test
  void pieceOfAnUnknownChannel_isDropped() throws IOException {
    send(7, "nobody's");
    send(1, "mine");

    assertEquals("mine", text(one, 4));
  }

  @Test
  void pieceThatIsTooLong_endsTheConnection() throws IOException {
    sockets.there().write(header(1, Multiplexer.MAX_PIECE_BYTES + 1));

    assertEquals(-1, one.read(ByteBuffer.allocate(1)));
    assertEquals(-1, sockets.there().read(ByteBuffer.allocate(1)));
  }

  @Test
  void closingOneChannel_endsThemAll() throws IOException {
    one.close();

    assertEquals(-1, two.read(ByteBuffer.allocate(1)));
  }

  private static ByteBuffer header(int channel, int length) {
    return ByteBuffer.allocate(8).putInt(channel).putInt(length).flip();
  }

  private void send(int channel, String data) throws IOException {
    byte[] bytes = data.getBytes(StandardCharsets.US_ASCII);
    sockets.there().write(header(channel, bytes.length));
    sockets.there().write(ByteBuffer.wrap(bytes));
  }

  private static String text(ByteChannel channel, int length) throws IOException {
    return new String(bytes(channel, length), StandardCharsets.US_ASCII);
  }

  private static byte[] bytes(ReadableByteChannel channel, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new IOException("ended early");
      }
    }
    return buffer.array();
  }
}
