package io.gantry.runtime.oci;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The linux.seccomp object. */
final class SeccompJson {
  private static final int MAX_ERRNO = 4095;

  private SeccompJson() {}

  static OciSeccomp read(JsonObject json) throws OciSpecException {
    List<OciSeccomp.Rule> rules = new ArrayList<>();
    for (JsonObject each : json.children("syscalls")) {
      rules.add(rule(each));
    }
    return new OciSeccomp(
        json.requiredString("defaultAction"),
        json.smallNumber("defaultErrnoRet", 0, MAX_ERRNO),
        json.strings("architectures"),
        json.strings("flags"),
        json.nonEmpty("listenerPath"),
        json.nonEmpty("listenerMetadata"),
        rules);
  }

  private static OciSeccomp.Rule rule(JsonObject json) throws OciSpecException {
    List<String> names = json.strings("names");
    if (names.isEmpty()) {
      throw json.error("names", "names no system call");
    }
    List<OciSeccomp.Argument> args = new ArrayList<>();
    for (JsonObject each : json.children("args")) {
      args.add(argument(each));
    }
    return new OciSeccomp.Rule(
        names, json.requiredString("action"), json.smallNumber("errnoRet", 0, MAX_ERRNO), args);
  }

  private static OciSeccomp.Argument argument(JsonObject json) throws OciSpecException {
    return new OciSeccomp.Argument(
        (int) json.requiredNumber("index", 0, 5),
        json.uint64("value", true),
        json.uint64("valueTwo", false),
        json.requiredString("op"));
  }

  static void write(JsonGenerator out, OciSeccomp seccomp) throws IOException {
    out.writeObjectFieldStart("seccomp");
    out.writeStringField("defaultAction", seccomp.defaultAction());
    JsonMembers.number(out, "defaultErrnoRet", seccomp.defaultErrnoRet());
    JsonMembers.strings(out, "architectures", seccomp.architectures());
    JsonMembers.strings(out, "flags", seccomp.flags());
    JsonMembers.string(out, "listenerPath", seccomp.listenerPath());
    JsonMembers.string(out, "listenerMetadata", seccomp.listenerMetadata());
    out.writeArrayFieldStart("syscalls");
    for (OciSeccomp.Rule rule : seccomp.syscalls()) {
      out.writeStartObject();
      JsonMembers.strings(out, "names", rule.names());
      out.writeStringField("action", rule.action());
      JsonMembers.number(out, "errnoRet", rule.errnoRet());
      writeArguments(out, rule.args());
      out.writeEndObject();
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  private static void writeArguments(JsonGenerator out, List<OciSeccomp.Argument> args)
      throws IOException {
    if (args.isEmpty()) {
      return;
    }
    out.writeArrayFieldStart("args");
    for (OciSeccomp.Argument arg : args) {
      out.writeStartObject();
      out.writeNumberField("index", arg.index());
      JsonMembers.unsigned(out, "value", arg.value());
      JsonMembers.unsigned(out, "valueTwo", arg.valueTwo());
      out.writeStringField("op", arg.op());
      out.writeEndObject();
    }
    out.writeEndArray();
  }
}
