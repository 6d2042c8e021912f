package io.gantry.proto;

import static io.gantry.proto.schema.FieldSchema.Label.LABEL_REPEATED;
import static io.gantry.proto.schema.FieldSchema.Type.TYPE_MESSAGE;

import io.gantry.proto.schema.EnumSchema;
import io.gantry.proto.schema.EnumValueSchema;
import io.gantry.proto.schema.FieldSchema;
import io.gantry.proto.schema.FileSchema;
import io.gantry.proto.schema.FileSet;
import io.gantry.proto.schema.MessageSchema;
import io.gantry.proto.schema.MethodSchema;
import io.gantry.proto.schema.ReservedRange;
import io.gantry.proto.schema.ServiceSchema;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The compiled contract of one protobuf package, written as rows of tab-separated cells in the form
 * of the tables that the tests compare it with.
 */
final class Contract {
  private final String packageName;
  private final List<String> rows = new ArrayList<>();

  private Contract(String packageName) {
    this.packageName = packageName;
  }

  /** Rows of all files of the package, from the descriptor set in the jar. */
  static List<String> rowsOf(String packageName) throws IOException {
    Contract contract = new Contract(packageName);
    try (InputStream in = Contract.class.getResourceAsStream("descriptors.pb")) {
      for (FileSchema file : FileSet.parseFrom(in).getFileList()) {
        if (file.getPackage().equals(packageName)) {
          contract.add(file);
        }
      }
    }
    return contract.rows;
  }

  private void add(FileSchema file) {
    file.getServiceList().forEach(this::add);
    file.getEnumTypeList().forEach(each -> add("", each));
    file.getMessageTypeList().forEach(each -> add("", each));
  }

  private void add(ServiceSchema service) {
    for (MethodSchema method : service.getMethodList()) {
      row(
          "service",
          service.getName(),
          method.getName(),
          local(method.getInputType()),
          local(method.getOutputType()),
          method.getClientStreaming() ? "yes" : "no",
          method.getServerStreaming() ? "yes" : "no");
    }
  }

  private void add(String scope, EnumSchema type) {
    for (EnumValueSchema value : type.getValueList()) {
      row("enum", scope + type.getName(), Integer.toString(value.getNumber()), value.getName());
    }
  }

  private void add(String scope, MessageSchema message) {
    String name = scope + message.getName();
    if (message.getFieldCount() == 0) {
      row("empty", name);
    }
    for (FieldSchema field : message.getFieldList()) {
      row(
          "field",
          name,
          Integer.toString(field.getNumber()),
          field.getName(),
          type(message, field),
          label(message, field),
          flags(field));
    }
    for (ReservedRange range : message.getReservedRangeList()) {
      for (int number = range.getStart(); number < range.getEnd(); number++) {
        row("reserved", name, Integer.toString(number));
      }
    }
    message.getEnumTypeList().forEach(each -> add(name + ".", each));
    message.getNestedTypeList().stream()
        .filter(each -> !each.getOptions().getMapEntry())
        .forEach(each -> add(name + ".", each));
  }

  private String type(MessageSchema owner, FieldSchema field) {
    if (isMap(owner, field)) {
      MessageSchema entry = entryOf(owner, field);
      return "map<%s,%s>".formatted(type(entry, entry.getField(0)), type(entry, entry.getField(1)));
    }
    return field.getTypeName().isEmpty()
        ? field.getType().name().substring("TYPE_".length()).toLowerCase(Locale.ROOT)
        : local(field.getTypeName());
  }

  private static String label(MessageSchema owner, FieldSchema field) {
    if (isMap(owner, field)) {
      return "map";
    } else if (field.getLabel() == LABEL_REPEATED) {
      return "repeated";
    } else if (field.getProto3Optional()) {
      return "explicit-optional";
    } else if (field.hasOneofIndex()) {
      return "oneof:" + owner.getOneofDecl(field.getOneofIndex()).getName();
    }
    return "optional";
  }

  private static String flags(FieldSchema field) {
    List<String> flags = new ArrayList<>();
    if (field.getOptions().getDeprecated()) {
      flags.add("deprecated");
    }
    if (field.getOptions().getDebugRedact()) {
      flags.add("debug_redact");
    }
    return String.join(",", flags);
  }

  private static boolean isMap(MessageSchema owner, FieldSchema field) {
    return field.getType() == TYPE_MESSAGE
        && field.getLabel() == LABEL_REPEATED
        && owner.getNestedTypeList().stream()
            .anyMatch(each -> each.getOptions().getMapEntry() && names(field, each));
  }

  private static MessageSchema entryOf(MessageSchema owner, FieldSchema field) {
    return owner.getNestedTypeList().stream().filter(each -> names(field, each)).findFirst().get();
  }

  private static boolean names(FieldSchema field, MessageSchema nested) {
    return field.getTypeName().endsWith("." + nested.getName());
  }

  /** A type's full name without the leading dot; types of the same package by their short name. */
  private String local(String typeName) {
    String own = "." + packageName + ".";
    return typeName.startsWith(own) ? typeName.substring(own.length()) : typeName.substring(1);
  }

  private void row(String... cells) {
    rows.add(String.join("\t", cells).stripTrailing());
  }
}
