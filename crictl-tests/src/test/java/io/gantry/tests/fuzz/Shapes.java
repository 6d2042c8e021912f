package io.gantry.tests.fuzz;

import io.gantry.proto.schema.FileSchema;
import io.gantry.proto.schema.FileSet;
import io.gantry.proto.schema.MessageSchema;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;

/** Which fields messages have, by the messages' full names, from protoc's descriptor set. */
final class Shapes {
  private static final String RESOURCE = "/io/gantry/proto/descriptors.pb";

  private final FileSet files;
  private final Map<String, MessageSchema> messages = new HashMap<>();

  private Shapes(FileSet files) {
    this.files = files;
    for (FileSchema file : files.getFileList()) {
      for (MessageSchema message : file.getMessageTypeList()) {
        add(file.getPackage() + ".", message);
      }
    }
  }

  private void add(String scope, MessageSchema message) {
    messages.put(scope + message.getName(), message);
    for (MessageSchema nested : message.getNestedTypeList()) {
      add(scope + message.getName() + ".", nested);
    }
  }

  static Shapes load() {
    try (InputStream in = FileSet.class.getResourceAsStream(RESOURCE)) {
      return new Shapes(FileSet.parseFrom(in));
    } catch (IOException e) {
      throw new UncheckedIOException("read " + RESOURCE, e);
    }
  }

  FileSet files() {
    return files;
  }

  MessageSchema message(String fullName) {
    return messages.get(fullName);
  }
}
