package io.gantry.cri.protojson;

import com.google.protobuf.MessageLite;
import io.gantry.proto.schema.EnumSchema;
import io.gantry.proto.schema.FileSchema;
import io.gantry.proto.schema.FileSet;
import io.gantry.proto.schema.MessageSchema;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;

/**
 * All message types of module proto, read from the descriptor set that protoc wrote when the module
 * was built: lite messages carry no descriptors of their own. Immutable once loaded.
 */
final class Schema {
  static final String RESOURCE = "/io/gantry/proto/descriptors.pb";

  private final Map<String, MessageType> messages = new HashMap<>();
  private final Map<String, EnumType> enums = new HashMap<>();
  private final Map<String, MessageType> byJavaClass = new HashMap<>();

  Schema(FileSet files) {
    for (FileSchema file : files.getFileList()) {
      String scope = file.getPackage().isEmpty() ? "" : file.getPackage() + ".";
      String javaScope = file.getOptions().getJavaPackage() + ".";
      if (!file.getOptions().getJavaMultipleFiles()) {
        javaScope += file.getOptions().getJavaOuterClassname() + "$";
      }
      for (EnumSchema each : file.getEnumTypeList()) {
        enums.put(scope + each.getName(), new EnumType(each));
      }
      for (MessageSchema each : file.getMessageTypeList()) {
        add(each, scope, javaScope);
      }
    }
  }

  static Schema load() {
    try (InputStream in = Schema.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(RESOURCE + " is missing from the proto jar");
      }
      return new Schema(FileSet.parseFrom(in));
    } catch (IOException e) {
      throw new UncheckedIOException("read " + RESOURCE, e);
    }
  }

  private void add(MessageSchema schema, String scope, String javaScope) {
    String fullName = scope + schema.getName();
    String javaName = javaScope + schema.getName();
    MessageType type = new MessageType(fullName, schema);
    messages.put(fullName, type);
    byJavaClass.put(javaName, type);
    for (EnumSchema each : schema.getEnumTypeList()) {
      enums.put(fullName + "." + each.getName(), new EnumType(each));
    }
    for (MessageSchema each : schema.getNestedTypeList()) {
      add(each, fullName + ".", javaName + "$");
    }
  }

  /**
   * The type of a generated message.
   *
   * @throws IllegalArgumentException if the message is not of module proto, nor imported by it
   */
  MessageType typeOf(MessageLite message) {
    MessageType type = byJavaClass.get(message.getClass().getName());
    if (type == null) {
      throw new IllegalArgumentException("no descriptor for " + message.getClass().getName());
    }
    return type;
  }

  /** The message type of that full name, or null. */
  MessageType message(String fullName) {
    return messages.get(fullName);
  }

  /** The enum of a field. */
  EnumType enumOf(Field field) {
    return enums.get(field.typeName());
  }

  /**
   * The Java classes of all messages, by binary name: a map's entry has a name here, too, but no
   * class.
   */
  Map<String, MessageType> javaClasses() {
    return Collections.unmodifiableMap(byJavaClass);
  }
}
