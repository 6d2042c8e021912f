package io.gantry.runtime.ttrpc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class FrameChannelTest {
  private static final byte[] REQUEST = {0, 0, 0, 3, 0, 0, 0, 5, 1, 2, 'a', 'b', 'c'};

  @Test
  void read_takesHeaderApartBigEndian() throws Exception {
    Frame frame = new FrameChannel(new MemoryChannel(REQUEST), 100).read();

    assertEquals(5, frame.streamId());
    assertEquals(Frame.REQUEST, frame.type());
    assertTrue(frame.has(Frame.FLAG_REMOTE_OPEN));
    assertFalse(frame.has(Frame.FLAG_REMOTE_CLOSED));
    assertArrayEquals(new byte[] {'a', 'b', 'c'}, frame.payload());
  }

  @Test
  void read_putsTogetherWhatComesByteByByte() throws Exception {
    MemoryChannel channel = new MemoryChannel(REQUEST);
    channel.chunkBytes(1);

    assertArrayEquals(new byte[] {'a', 'b', 'c'}, new FrameChannel(channel, 100).read().payload());
  }

  @Test
  void read_endsCleanlyBetweenFramesOnly() throws Exception {
    FrameChannel whole = new FrameChannel(new MemoryChannel(REQUEST), 100);
    whole.read();
    assertNull(whole.read());

    FrameChannel cutInPayload =
        new FrameChannel(new MemoryChannel(Arrays.copyOf(REQUEST, 12)), 100);
    assertThrows(EOFException.class, cutInPayload::read);
    FrameChannel cutInHeader = new FrameChannel(new MemoryChannel(Arrays.copyOf(REQUEST, 4)), 100);
    assertThrows(EOFException.class, cutInHeader::read);
  }

  @Test
  void read_skipsPayloadOverLimitAndGoesOn() throws Exception {
    byte[] two = Arrays.copyOf(REQUEST, REQUEST.length * 2);
    System.arraycopy(REQUEST, 0, two, REQUEST.length, REQUEST.length);
    two[REQUEST.length + 3] = 2;
    FrameChannel frames =
        new FrameChannel(new MemoryChannel(Arrays.copyOf(two, two.length - 1)), 2);

    Frame tooLong = frames.read();
    assertTrue(tooLong.oversized());
    assertEquals(0, tooLong.payload().length);
    assertArrayEquals(new byte[] {'a', 'b'}, frames.read().payload());
  }

  @Test
  void write_makesTheBytesOfTheProtocol() throws Exception {
    MemoryChannel channel = new MemoryChannel(new byte[0]);
    FrameChannel frames = new FrameChannel(channel, 100);

    frames.write(Frame.request(5, Frame.FLAG_REMOTE_OPEN, new byte[] {'a', 'b', 'c'}));
    frames.write(Frame.halfClose(0x01020305));

    byte[] halfClose = {0, 0, 0, 0, 1, 2, 3, 5, 3, 5};
    byte[] expected = Arrays.copyOf(REQUEST, REQUEST.length + halfClose.length);
    System.arraycopy(halfClose, 0, expected, REQUEST.length, halfClose.length);
    assertArrayEquals(expected, channel.written());
  }

  @Test
  void write_keepsPayloadsLongerThanItsBufferWhole() throws Exception {
    byte[] payload = new byte[100_000];
    for (int i = 0; i < payload.length; i++) {
      payload[i] = (byte) (i * 31);
    }
    MemoryChannel channel = new MemoryChannel(new byte[0]);
    channel.chunkBytes(1000);
    new FrameChannel(channel, 0).write(Frame.data(1, payload));

    byte[] read = new FrameChannel(new MemoryChannel(channel.written()), 1 << 20).read().payload();
    assertArrayEquals(payload, read);
  }

  @Test
  void write_refusesPayloadOverTheProtocolsLimitAndSendsNothing() {
    MemoryChannel channel = new MemoryChannel(new byte[0]);
    Frame frame = Frame.data(1, new byte[Frame.MAX_PAYLOAD_BYTES + 1]);

    TtrpcException refused =
        assertThrows(TtrpcException.class, () -> new FrameChannel(channel, 100).write(frame));

    assertEquals(TtrpcCode.RESOURCE_EXHAUSTED, refused.code());
    assertEquals(0, channel.written().length);
  }
}
