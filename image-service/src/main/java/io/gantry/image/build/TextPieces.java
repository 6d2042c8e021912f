package io.gantry.image.build;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Text that comes as bytes, in pieces that may end within a character. Confined to one thread. */
final class TextPieces {
  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPLACE)
          .onUnmappableCharacter(CodingErrorAction.REPLACE);
  private byte[] left = new byte[0];

  /** The text as far as it is whole. */
  String next(byte[] bytes) {
    ByteBuffer in = ByteBuffer.allocate(left.length + bytes.length).put(left).put(bytes).flip();
    CharBuffer out = CharBuffer.allocate(in.remaining() + 1);
    decoder.decode(in, out, false);
    left = new byte[in.remaining()];
    in.get(left);
    return out.flip().toString();
  }
}
