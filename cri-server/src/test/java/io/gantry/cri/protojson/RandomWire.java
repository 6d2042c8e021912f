package io.gantry.cri.protojson;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Timestamp;
import io.gantry.proto.cri.v1.Mount;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Random;

/**
 * Random messages of any type, in wire format: the edge cases of each scalar type come up often.
 */
final class RandomWire {
  private static final int MAX_DEPTH = 4;
  private static final long FIRST_SECOND = -62_135_596_800L; // year 1
  private static final long LAST_SECOND = 253_402_300_799L; // year 9999
  private static final String[] TEXTS = {
    "",
    "web",
    "ä→😀",
    "\"quoted\"\\\n\t\u0000",
    " spaces ",
    "{\"json\":1}",
    "null",
    "9223372036854775807"
  };

  private final Schema schema;
  private final Random random;

  RandomWire(Schema schema, long seed) {
    this.schema = schema;
    this.random = new Random(seed);
  }

  byte[] message(MessageType type) throws IOException {
    return message(type, 0);
  }

  private byte[] message(MessageType type, int depth) throws IOException {
    switch (type.fullName()) {
      case "google.protobuf.Timestamp":
        return Timestamp.newBuilder()
            .setSeconds(random.nextLong(FIRST_SECOND, LAST_SECOND))
            .setNanos(random.nextInt(1_000_000_000))
            .build()
            .toByteArray();
      case "google.protobuf.Any":
        return any(depth).toByteArray();
      default:
        break;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    for (Field field : type.fields()) {
      if (random.nextInt(3) == 0 && !type.isMapEntry()) {
        continue;
      }
      int count = field.repeated() ? random.nextInt(4) : 1;
      for (int i = 0; i < count; i++) {
        value(field, out, depth);
      }
    }
    out.flush();
    return bytes.toByteArray();
  }

  private Any any(int depth) throws IOException {
    Any.Builder any = Any.newBuilder();
    switch (random.nextInt(3)) {
      case 0:
        return any.build();
      case 1:
        any.setTypeUrl("types.containerd.io/opencontainers/runtime-spec/1/Spec");
        return any.setValue(ByteString.copyFromUtf8("{\"ociVersion\":\"1.2.0\"}")).build();
      default:
        // Parsed and written again: one key once, as every program writes maps.
        byte[] known = message(schema.message("runtime.v1.Mount"), depth + 1);
        any.setTypeUrl("type.googleapis.com/runtime.v1.Mount");
        return any.setValue(Mount.parseFrom(known).toByteString()).build();
    }
  }

  private void value(Field field, CodedOutputStream out, int depth) throws IOException {
    int number = field.number();
    switch (field.type()) {
      case DOUBLE -> out.writeDouble(number, decimal());
      case FLOAT -> out.writeFloat(number, (float) decimal());
      case INT64 -> out.writeInt64(number, wide());
      case SINT64 -> out.writeSInt64(number, wide());
      case SFIXED64 -> out.writeSFixed64(number, wide());
      case UINT64 -> out.writeUInt64(number, wide());
      case FIXED64 -> out.writeFixed64(number, wide());
      case INT32 -> out.writeInt32(number, (int) wide());
      case SINT32 -> out.writeSInt32(number, (int) wide());
      case SFIXED32 -> out.writeSFixed32(number, (int) wide());
      case UINT32 -> out.writeUInt32(number, (int) wide());
      case FIXED32 -> out.writeFixed32(number, (int) wide());
      case BOOL -> out.writeBool(number, random.nextBoolean());
      case STRING -> out.writeString(number, TEXTS[random.nextInt(TEXTS.length)]);
      case BYTES -> {
        byte[] content = new byte[random.nextInt(5)];
        random.nextBytes(content);
        out.writeByteArray(number, content);
      }
      case ENUM -> out.writeEnum(number, random.nextInt(6)); // past the last name at times
      case MESSAGE -> {
        MessageType type = schema.message(field.typeName());
        boolean stop = depth >= MAX_DEPTH && !type.isMapEntry();
        out.writeByteArray(number, stop ? new byte[0] : message(type, depth + 1));
      }
      case GROUP -> throw new IllegalStateException("no groups in proto3");
    }
  }

  private long wide() {
    return switch (random.nextInt(5)) {
      case 0 -> 0;
      case 1 -> Long.MIN_VALUE;
      case 2 -> Long.MAX_VALUE;
      case 3 -> -1;
      default -> random.nextLong();
    };
  }

  private double decimal() {
    return switch (random.nextInt(6)) {
      case 0 -> Double.NaN;
      case 1 -> Double.NEGATIVE_INFINITY;
      case 2 -> -0.0;
      case 3 -> Double.MIN_VALUE;
      default -> random.nextGaussian();
    };
  }
}
