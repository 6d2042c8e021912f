package io.gantry.cri.dbus;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes values as D-Bus has them on the wire (D-Bus Specification, "Marshaling"), little-endian.
 * Every value begins at a multiple of its alignment, counted from the beginning. Confined to one
 * thread.
 */
public final class Encoder {
  private byte[] bytes = new byte[256];
  private int length;

  /** What an array is written by. */
  @FunctionalInterface
  public interface Elements {
    void writeTo(Encoder out);
  }

  private void room(int count) {
    if (length + count > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + count));
    }
  }

  /** Pads with zeros. */
  Encoder align(int boundary) {
    int padding = -length & boundary - 1;
    room(padding);
    length += padding;
    return this;
  }

  public Encoder octet(int value) {
    room(1);
    bytes[length++] = (byte) value;
    return this;
  }

  /** Four bytes: types u, i and b. */
  public Encoder uint32(int value) {
    align(4);
    for (int shift = 0; shift < 32; shift += 8) {
      octet(value >> shift);
    }
    return this;
  }

  /** Eight bytes: types t and x. */
  public Encoder uint64(long value) {
    align(8);
    for (int shift = 0; shift < 64; shift += 8) {
      octet((int) (value >> shift));
    }
    return this;
  }

  /** Types s and o. */
  public Encoder string(String value) {
    byte[] text = value.getBytes(StandardCharsets.UTF_8);
    uint32(text.length);
    raw(text);
    return octet(0);
  }

  /** Type g. */
  Encoder signature(String value) {
    octet(value.length());
    raw(value.getBytes(StandardCharsets.US_ASCII));
    return octet(0);
  }

  Encoder raw(byte[] value) {
    room(value.length);
    System.arraycopy(value, 0, bytes, length, value.length);
    length += value.length;
    return this;
  }

  /** The beginning of a structure or of a dictionary's entry. */
  public Encoder struct() {
    return align(8);
  }

  /**
   * An array.
   *
   * @param alignment of its elements: 8 for structures and t, 4 for u, s and arrays, 1 for y
   */
  public Encoder array(int alignment, Elements elements) {
    uint32(0);
    int size = length - 4;
    // The padding before the first element is not counted.
    align(alignment);
    int begin = length;
    elements.writeTo(this);
    int end = length;
    length = size;
    uint32(end - begin);
    length = end;
    return this;
  }

  public Encoder variant(Variant value) {
    signature(value.signature());
    value.writeTo(this);
    return this;
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }

  int length() {
    return length;
  }
}
