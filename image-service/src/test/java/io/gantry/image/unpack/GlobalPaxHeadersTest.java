package io.gantry.image.unpack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** pax headers that hold for the rest of an archive, and so are kept in memory. */
class GlobalPaxHeadersTest {
  private static final int BLOCK = 512;

  /** A member of that type with that content, filled up to a block. */
  private static byte[] member(char type, byte[] content) {
    byte[] header = new byte[BLOCK];
    put(header, 0, "name");
    put(header, 100, "0000644\0");
    put(header, 108, "0000000\0");
    put(header, 116, "0000000\0");
    put(header, 124, "%011o\0".formatted(content.length));
    put(header, 136, "00000000000\0");
    put(header, 148, "        ");
    header[156] = (byte) type;
    put(header, 257, "ustar\00000");
    int sum = 0;
    for (byte b : header) {
      sum += b & 0xff;
    }
    put(header, 148, "%06o\0 ".formatted(sum));
    int padded = (content.length + BLOCK - 1) / BLOCK * BLOCK;
    byte[] member = Arrays.copyOf(header, BLOCK + padded);
    System.arraycopy(content, 0, member, BLOCK, content.length);
    return member;
  }

  private static void put(byte[] header, int offset, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    System.arraycopy(bytes, 0, header, offset, bytes.length);
  }

  /** One record, whose length counts itself. */
  private static byte[] record(String key, String value) {
    int rest = key.length() + value.length() + 3;
    int length = rest + 1;
    while (length != rest + Integer.toString(length).length()) {
      length++;
    }
    return "%d %s=%s\n".formatted(length, key, value).getBytes(StandardCharsets.ISO_8859_1);
  }

  private static TarReader archive(byte[]... members) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] member : members) {
      all.writeBytes(member);
    }
    return new TarReader(new ByteArrayInputStream(all.toByteArray()));
  }

  @Test
  void next_appliesThemToEveryLaterMember() throws Exception {
    TarReader tar =
        archive(
            member('g', record("uid", "7")),
            member('g', record("gid", "8")),
            member('0', new byte[0]));

    TarEntry entry = tar.next().orElseThrow();

    assertEquals(7, entry.uid());
    assertEquals(8, entry.gid());
  }

  @Test
  void next_refusesMoreOfThemThanFitInMemory() {
    byte[][] members = new byte[20][];
    for (int i = 0; i < members.length; i++) {
      members[i] = member('g', record("comment." + i, "x".repeat(100_000)));
    }
    TarReader tar = archive(members);

    assertThrows(MalformedTarException.class, tar::next);
  }
}
