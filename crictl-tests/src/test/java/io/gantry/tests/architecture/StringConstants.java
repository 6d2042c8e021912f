package io.gantry.tests.architecture;

import com.tngtech.archunit.core.domain.JavaClass;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The strings in a class file's constant pool (JVM specification, section 4.4), which ArchUnit does
 * not model.
 */
final class StringConstants {
  private static final int MAGIC_AND_VERSIONS = 8;

  private StringConstants() {}

  /** Every UTF-8 constant: string literals, the parts of concatenations, and names. */
  static List<String> of(JavaClass type) {
    if (type.getSource().isEmpty()) {
      return List.of();
    }
    try (InputStream file = type.getSource().get().getUri().toURL().openStream()) {
      return read(new DataInputStream(file));
    } catch (IOException e) {
      throw new UncheckedIOException("read the class file of " + type.getName(), e);
    }
  }

  private static List<String> read(DataInputStream in) throws IOException {
    List<String> constants = new ArrayList<>();
    in.skipNBytes(MAGIC_AND_VERSIONS);
    int count = in.readUnsignedShort();
    for (int index = 1; index < count; index++) {
      int tag = in.readUnsignedByte();
      switch (tag) {
        case 1 -> constants.add(in.readUTF());
        case 3, 4, 9, 10, 11, 12, 17, 18 -> in.skipNBytes(4);
        case 5, 6 -> {
          in.skipNBytes(8);
          index++; // long and double take two slots
        }
        case 7, 8, 16, 19, 20 -> in.skipNBytes(2);
        case 15 -> in.skipNBytes(3);
        default -> throw new IOException("constant of unknown tag " + tag);
      }
    }
    return constants;
  }
}
