package io.gantry.tests.fuzz;

import com.google.protobuf.CodedOutputStream;
import io.gantry.proto.schema.FieldSchema;
import io.gantry.proto.schema.MessageSchema;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;

/** Messages in wire format, from well-formed ones with hostile values to what is no message. */
final class HostileMessages {
  /** How many kinds of messages there are besides those that are well-formed. */
  static final int KINDS = 5;

  private static final int MAX_DEPTH = 5;
  private static final int NESTED = 20_000;
  private static final int TRIES = 300;

  private final Shapes shapes;
  private final HostileText texts;
  private final Random random;

  private int made;

  /** The text that every field has which has one; empty if each has its own. */
  private Optional<String> only = Optional.empty();

  /** Whether most fields are left out; else most are written. */
  private boolean sparse;

  HostileMessages(Shapes shapes, HostileText texts, Random random) {
    this.shapes = shapes;
    this.texts = texts;
    this.random = random;
  }

  /**
   * The next message for a request of this type. The first ones are one of each kind, then come
   * well-formed ones with one of each trick that texts play.
   *
   * @param right a right message of this type: changed in a few places it gets further than one
   *     that is wrong all over
   */
  byte[] next(String type, byte[] right) {
    int turn = made++;
    int trick = turn - KINDS;
    if (trick >= 0 && trick < texts.tricks().size()) {
      return joined(right, tricky(type, texts.tricks().get(trick)));
    }
    sparse = random.nextInt(3) > 0;
    byte[] message = message(type, 0);
    if (sparse) {
      // Of two messages one after another the second one's fields count, and messages are merged.
      message = joined(right, message);
    }
    return switch (turn < KINDS ? turn : random.nextInt(12)) {
      case 0 -> new byte[0];
      case 1 -> flipped(message);
      case 2 -> Arrays.copyOf(message, random.nextInt(message.length + 1));
      case 3 -> noise(random.nextInt(200));
      case 4 -> nested();
      default -> message;
    };
  }

  /** A message of few fields, one of them a text at least: this one. */
  private byte[] tricky(String type, String text) {
    sparse = true;
    only = Optional.of(text);
    byte[] message = new byte[0];
    for (int i = 0; i < TRIES && message.length < text.length(); i++) {
      message = message(type, 0);
    }
    only = Optional.empty();
    return message;
  }

  private static byte[] joined(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private byte[] flipped(byte[] message) {
    byte[] flipped = message.clone();
    for (int i = 0; i < 1 + random.nextInt(8) && flipped.length > 0; i++) {
      flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return flipped;
  }

  private byte[] noise(int length) {
    byte[] noise = new byte[length];
    random.nextBytes(noise);
    return noise;
  }

  /** Groups in groups: cheap to send, and a stack frame each for who parses them so. */
  private static byte[] nested() {
    byte[] starts = new byte[NESTED];
    Arrays.fill(starts, (byte) (1 << 3 | 3));
    return starts;
  }

  private byte[] message(String type, int depth) {
    MessageSchema shape = shapes.message(type);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      for (FieldSchema field : shape.getFieldList()) {
        int times = times(field, shape.getOptions().getMapEntry());
        for (int i = 0; i < times; i++) {
          write(field, out, depth);
        }
      }
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private int times(FieldSchema field, boolean mapEntry) {
    if (mapEntry) {
      return 1;
    }
    if (sparse && random.nextInt(6) > 0 && field.getType() != FieldSchema.Type.TYPE_MESSAGE) {
      return 0;
    }
    if (sparse && random.nextInt(2) > 0) {
      return 0;
    }
    if (field.getLabel() == FieldSchema.Label.LABEL_REPEATED) {
      return random.nextInt(8) == 0 ? 20 : random.nextInt(3);
    }
    // Most requests are about the ids, names and configurations that they must have.
    return random.nextInt(5) == 0 ? 0 : 1;
  }

  private void write(FieldSchema field, CodedOutputStream out, int depth) throws IOException {
    int number = field.getNumber();
    switch (field.getType()) {
      case TYPE_STRING ->
          out.writeString(number, only.orElseGet(() -> texts.of(field.getName(), random)));
      case TYPE_BYTES -> out.writeByteArray(number, noise(random.nextInt(50)));
      case TYPE_BOOL -> out.writeBool(number, random.nextBoolean());
      case TYPE_ENUM -> out.writeEnum(number, random.nextInt(8) == 0 ? -1 : random.nextInt(5));
      case TYPE_DOUBLE -> out.writeDouble(number, Double.longBitsToDouble(random.nextLong()));
      case TYPE_FLOAT -> out.writeFloat(number, Float.intBitsToFloat(random.nextInt()));
      case TYPE_INT32 -> out.writeInt32(number, (int) number());
      case TYPE_UINT32 -> out.writeUInt32(number, (int) number());
      case TYPE_INT64 -> out.writeInt64(number, number());
      case TYPE_UINT64 -> out.writeUInt64(number, number());
      case TYPE_MESSAGE -> {
        String type = field.getTypeName().substring(1);
        boolean leaf = depth >= MAX_DEPTH || shapes.message(type) == null;
        out.writeByteArray(number, leaf ? new byte[0] : message(type, depth + 1));
      }
      default -> throw new IllegalStateException(field + ": the CRI had no such field");
    }
  }

  private long number() {
    return switch (random.nextInt(8)) {
      case 0 -> -1;
      case 1 -> Long.MIN_VALUE;
      case 2 -> Long.MAX_VALUE;
      case 3 -> Integer.MAX_VALUE;
      case 4 -> random.nextLong();
      default -> random.nextInt(3);
    };
  }
}
