package io.gantry.cri.names;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A DNS message with one question (RFC 1035, section 4), and the answers to it.
 *
 * @param message as it came
 * @param name in lower case, without the dot at its end; bytes that are no ASCII are kept as
 *     Latin-1
 * @param type A, AAAA, PTR …, as a number
 * @param end where the question ends in the message
 */
record Question(byte[] message, String name, int type, int end) {
  static final int A = 1;
  static final int PTR = 12;
  static final int AAAA = 28;

  static final int NO_ERROR = 0;
  static final int SERVER_FAILURE = 2;
  static final int NAME_ERROR = 3;
  static final int NOT_IMPLEMENTED = 4;
  static final int REFUSED = 5;

  private static final int HEADER_BYTES = 12;
  private static final int CLASS_IN = 1;
  private static final int MAX_NAME_BYTES = 255;
  private static final int RESPONSE = 0x8000;
  private static final int OPCODE = 0x7800;
  private static final int RECURSION_DESIRED = 0x0100;
  private static final int RECURSION_AVAILABLE = 0x0080;
  private static final int POINTER_TO_QUESTION = 0xc000 | HEADER_BYTES;
  private static final int TTL_SECONDS = 5;

  /** What a datagram holds without EDNS, less a header and a question: RFC 1035, section 2.3.4. */
  private static final int MOST_ANSWER_BYTES = 512 - HEADER_BYTES - MAX_NAME_BYTES - 4;

  /** Reads a query; empty for what is none and deserves no answer. */
  static Optional<Question> parse(byte[] message) {
    if (message.length < HEADER_BYTES) {
      return Optional.empty();
    }
    ByteBuffer header = ByteBuffer.wrap(message);
    int flags = header.getShort(2) & 0xffff;
    int questions = header.getShort(4) & 0xffff;
    if ((flags & RESPONSE) != 0 || questions != 1) {
      return Optional.empty();
    }
    StringBuilder name = new StringBuilder();
    int at = HEADER_BYTES;
    while (true) {
      if (at >= message.length) {
        return Optional.empty();
      }
      int length = message[at] & 0xff;
      at++;
      if (length == 0) {
        break;
      }
      // Pointers have the two high bits set; a question has nothing before it to point to.
      if (length > 63
          || at + length > message.length
          || at + length > HEADER_BYTES + MAX_NAME_BYTES) {
        return Optional.empty();
      }
      if (!name.isEmpty()) {
        name.append('.');
      }
      name.append(new String(message, at, length, StandardCharsets.ISO_8859_1));
      at += length;
    }
    if (at + 4 > message.length) {
      return Optional.empty();
    }
    int type = header.getShort(at) & 0xffff;
    int clazz = header.getShort(at + 2) & 0xffff;
    if (clazz != CLASS_IN) {
      return Optional.empty();
    }
    return Optional.of(
        new Question(message, name.toString().toLowerCase(Locale.ROOT), type, at + 4));
  }

  /** Whether it is a question, and no zone transfer, update or the like. */
  boolean isQuery() {
    return (ByteBuffer.wrap(message).getShort(2) & OPCODE) == 0;
  }

  /** An answer that only says how it went. */
  byte[] answer(int code) {
    return answer(code, List.of());
  }

  /** An answer with the data of records of the question's own name and type, as many as fit. */
  byte[] answer(int code, List<byte[]> records) {
    int size = 0;
    int count = 0;
    for (byte[] record : records) {
      if (size + 12 + record.length > MOST_ANSWER_BYTES) {
        break;
      }
      size += 12 + record.length;
      count++;
    }
    ByteBuffer answer = ByteBuffer.allocate(end + size);
    answer.put(message, 0, 2);
    int asked = ByteBuffer.wrap(message).getShort(2) & (OPCODE | RECURSION_DESIRED);
    answer.putShort((short) (RESPONSE | asked | RECURSION_AVAILABLE | code));
    answer.putShort((short) 1).putShort((short) count).putInt(0);
    answer.put(message, HEADER_BYTES, end - HEADER_BYTES);
    for (byte[] record : records.subList(0, count)) {
      answer
          .putShort((short) POINTER_TO_QUESTION)
          .putShort((short) type)
          .putShort((short) CLASS_IN);
      answer.putInt(TTL_SECONDS).putShort((short) record.length).put(record);
    }
    return answer.array();
  }

  /** The message under another number, as it is sent on. */
  byte[] withId(int id) {
    return withId(message, id);
  }

  int id() {
    return ByteBuffer.wrap(message).getShort(0) & 0xffff;
  }

  /** Whether a message answers this one when it was sent on under another number. */
  boolean isAnsweredBy(byte[] reply, int sentId) {
    if (reply.length < end) {
      return false;
    }
    ByteBuffer header = ByteBuffer.wrap(reply);
    return (header.getShort(0) & 0xffff) == sentId
        && (header.getShort(2) & RESPONSE) != 0
        && header.getShort(4) == 1
        && sameQuestion(reply);
  }

  private boolean sameQuestion(byte[] reply) {
    // Servers may change the case of letters; lengths of labels are below 'A' in any case.
    for (int at = HEADER_BYTES; at < end; at++) {
      if (lower(reply[at]) != lower(message[at])) {
        return false;
      }
    }
    return true;
  }

  private static int lower(byte letter) {
    return letter >= 'A' && letter <= 'Z' ? letter + ('a' - 'A') : letter;
  }

  static byte[] withId(byte[] message, int id) {
    byte[] copy = message.clone();
    ByteBuffer.wrap(copy).putShort(0, (short) id);
    return copy;
  }

  /** A name as a record's data has it: labels, each behind its length. */
  static byte[] nameData(String name) {
    ByteBuffer data = ByteBuffer.allocate(MAX_NAME_BYTES);
    for (String label : name.split("\\.")) {
      byte[] bytes = label.getBytes(StandardCharsets.ISO_8859_1);
      if (bytes.length == 0 || bytes.length > 63 || data.remaining() < bytes.length + 2) {
        break;
      }
      data.put((byte) bytes.length).put(bytes);
    }
    data.put((byte) 0);
    return Arrays.copyOf(data.array(), data.position());
  }

  // A record with an array would compare it by identity; nobody compares questions.
  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }

  @Override
  public String toString() {
    return name + " type " + type;
  }
}
