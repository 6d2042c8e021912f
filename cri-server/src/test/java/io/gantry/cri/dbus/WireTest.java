package io.gantry.cri.dbus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class WireTest {
  private static List<Object> roundTrip(String signature, Encoder.Elements values)
      throws IOException {
    Encoder out = new Encoder();
    values.writeTo(out);
    return new Decoder(out.toBytes(), 0, ByteOrder.LITTLE_ENDIAN).values(signature);
  }

  /** D-Bus Specification, "Marshaling": the example of an array of 64-bit numbers. */
  @Test
  void array_paddingBeforeTheFirstElementIsNotCounted() {
    Encoder out = new Encoder();
    out.array(8, elements -> elements.uint64(5));
    assertEquals(
        "08000000" + "00000000" + "0500000000000000", HexFormat.of().formatHex(out.toBytes()));
  }

  @Test
  void string_isAlignedAndEndsWithZero() {
    Encoder out = new Encoder();
    out.octet(1).string("foo");
    assertEquals("01000000" + "03000000" + "666f6f00", HexFormat.of().formatHex(out.toBytes()));
  }

  @Test
  void values_comeBackAsTheyWere() throws IOException {
    assertEquals(
        List.of("a", 7, Long.MAX_VALUE, true),
        roundTrip("suxb", out -> out.string("a").uint32(7).uint64(Long.MAX_VALUE).uint32(1)));
    assertEquals(
        List.of(List.of(List.of("Delegate", true), List.of("PIDs", List.of(12)))),
        roundTrip(
            "a(sv)",
            out ->
                out.array(
                    8,
                    each -> {
                      each.struct().string("Delegate").variant(new Variant.Flag(true));
                      each.struct().string("PIDs").variant(new Variant.Numbers(List.of(12)));
                    })));
    assertEquals(
        List.of(List.of(1, 0x80)),
        roundTrip("v", out -> out.variant(new Variant.Bytes(List.of((byte) 1, (byte) 0x80)))));
    assertEquals(
        List.of(List.of(List.of("/dev/block/8:0", 1000L))),
        roundTrip(
            "v",
            out ->
                out.variant(
                    new Variant.NamedNumbers(
                        List.of(new Variant.NamedNumber("/dev/block/8:0", 1000))))));
  }

  @Test
  void message_thatTheSpecificationShowsIsRead() throws IOException {
    // A signal with a string of three letters, fields path, interface, member, signature.
    Encoder fields = new Encoder();
    fields.octet('l').octet(Message.SIGNAL).octet(1).octet(1).uint32(8).uint32(9);
    fields.array(
        8,
        each -> {
          each.struct().octet(Message.PATH).signature("o").string("/a");
          each.struct().octet(Message.INTERFACE).signature("s").string("a.B");
          each.struct().octet(Message.MEMBER).signature("s").string("Rang");
          each.struct().octet(77).signature("s").string("of a later version");
          each.struct().octet(Message.SIGNATURE).signature("g").signature("s");
        });
    byte[] bytes = fields.align(8).string("foo").toBytes();
    ByteArrayInputStream in = new ByteArrayInputStream(bytes);

    Message message = Message.read(in);

    assertEquals(new Message(Message.SIGNAL, 0, "/a", "a.B", "Rang", "", List.of("foo")), message);
    assertNull(Message.read(in));
    byte[] cut = java.util.Arrays.copyOf(bytes, bytes.length - 1);
    assertThrows(IOException.class, () -> Message.read(new ByteArrayInputStream(cut)));
  }

  @Test
  void lengthsThatLie_takeNoMemory() {
    byte[] lie = HexFormat.of().parseHex("ffffff7f" + "6100");
    assertThrows(IOException.class, () -> new Decoder(lie, 0, ByteOrder.LITTLE_ENDIAN).values("s"));
    assertThrows(
        IOException.class, () -> new Decoder(lie, 0, ByteOrder.LITTLE_ENDIAN).values("ay"));
    assertThrows(
        IOException.class, () -> new Decoder(lie, 0, ByteOrder.LITTLE_ENDIAN).values("(s"));
    byte[] huge = HexFormat.of().parseHex("6c010001" + "ffffffff" + "01000000" + "ffffffff");
    assertThrows(IOException.class, () -> Message.read(new ByteArrayInputStream(huge)));
  }
}
