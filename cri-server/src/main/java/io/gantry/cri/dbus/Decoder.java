package io.gantry.cri.dbus;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads values from the wire. Numbers become {@link Integer} (y, n, q, i, u) or {@link Long} (x,
 * t), {@code b} a {@link Boolean}, text a {@link String}, arrays and structures a {@link List};
 * what is in a variant stands for it. Confined to one thread.
 */
final class Decoder {
  /** As deep as the specification lets containers lie in each other. */
  private static final int MAX_DEPTH = 64;

  private final ByteBuffer in;

  /**
   * @param begin where alignment is counted from
   */
  Decoder(byte[] bytes, int begin, ByteOrder order) {
    in = ByteBuffer.wrap(bytes, begin, bytes.length - begin).slice().order(order);
  }

  /** One value for each complete type of a signature. */
  List<Object> values(String signature) throws IOException {
    try {
      List<Object> values = new ArrayList<>();
      int at = 0;
      while (at < signature.length()) {
        int end = end(signature, at, 0);
        values.add(value(signature.substring(at, end), 0));
        at = end;
      }
      return values;
    } catch (java.nio.BufferUnderflowException | IllegalArgumentException e) {
      throw new IOException("D-Bus message is shorter than its signature " + signature, e);
    }
  }

  void align(int boundary) {
    in.position(in.position() + (-in.position() & boundary - 1));
  }

  private Object value(String type, int depth) throws IOException {
    if (depth > MAX_DEPTH) {
      throw new IOException("D-Bus message with values nested too deeply");
    }
    switch (type.charAt(0)) {
      case 'y':
        return (int) in.get() & 0xff;
      case 'n', 'q':
        align(2);
        return (int) in.getShort();
      case 'b':
        return uint32() != 0;
      case 'i', 'u', 'h':
        return uint32();
      case 'x', 't', 'd':
        align(8);
        return in.getLong();
      case 's', 'o':
        return text(uint32());
      case 'g':
        return text(in.get() & 0xff);
      case 'v':
        return variant(depth);
      case 'a':
        return array(type.substring(1), depth);
      case '(', '{':
        align(8);
        return struct(type.substring(1, type.length() - 1), depth);
      default:
        throw new IOException("D-Bus type \"" + type + "\" is not known");
    }
  }

  private int uint32() {
    align(4);
    return in.getInt();
  }

  private String text(int length) {
    byte[] text = new byte[checked(length)];
    in.get(text);
    in.get();
    return new String(text, StandardCharsets.UTF_8);
  }

  /** Before memory is taken for it. */
  private int checked(int length) {
    if (length < 0 || length > in.remaining()) {
      throw new IllegalArgumentException("length " + Integer.toUnsignedString(length));
    }
    return length;
  }

  private Object variant(int depth) throws IOException {
    String type = text(in.get() & 0xff);
    if (type.isEmpty() || end(type, 0, 0) != type.length()) {
      throw new IOException("D-Bus variant of type \"" + type + "\"");
    }
    return value(type, depth + 1);
  }

  private List<Object> array(String element, int depth) throws IOException {
    int length = checked(uint32());
    align(alignment(element.charAt(0)));
    int end = in.position() + length;
    List<Object> values = new ArrayList<>();
    while (in.position() < end) {
      values.add(value(element, depth + 1));
    }
    return values;
  }

  private List<Object> struct(String members, int depth) throws IOException {
    List<Object> values = new ArrayList<>();
    int at = 0;
    while (at < members.length()) {
      int end = end(members, at, 0);
      values.add(value(members.substring(at, end), depth + 1));
      at = end;
    }
    return values;
  }

  private static int alignment(char type) {
    return switch (type) {
      case 'y', 'g', 'v' -> 1;
      case 'n', 'q' -> 2;
      case 'x', 't', 'd', '(', '{' -> 8;
      default -> 4;
    };
  }

  /** Where the complete type that begins at {@code at} ends. */
  private static int end(String signature, int at, int depth) throws IOException {
    if (at >= signature.length() || depth > MAX_DEPTH) {
      throw new IOException("D-Bus signature \"" + signature + "\" is not complete");
    }
    char type = signature.charAt(at);
    if (type == 'a') {
      return end(signature, at + 1, depth + 1);
    }
    if (type != '(' && type != '{') {
      return at + 1;
    }
    char close = type == '(' ? ')' : '}';
    int next = at + 1;
    while (next < signature.length() && signature.charAt(next) != close) {
      next = end(signature, next, depth + 1);
    }
    if (next >= signature.length()) {
      throw new IOException("D-Bus signature \"" + signature + "\" is not complete");
    }
    return next + 1;
  }
}
