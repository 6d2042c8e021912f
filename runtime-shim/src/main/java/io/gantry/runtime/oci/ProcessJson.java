package io.gantry.runtime.oci;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** The process object. */
final class ProcessJson {
  private ProcessJson() {}

  static OciProcess read(JsonObject json) throws OciSpecException {
    if (json.has("scheduler")) {
      throw json.error("scheduler", "is not supported");
    }
    if (json.has("execCPUAffinity")) {
      throw json.error("execCPUAffinity", "is not supported");
    }
    String cwd = json.requiredString("cwd");
    if (!cwd.startsWith("/")) {
      throw json.error("cwd", "\"" + cwd + "\" is not absolute");
    }
    JsonObject size = json.child("consoleSize");
    JsonObject user = json.child("user");
    JsonObject capabilities = json.child("capabilities");
    JsonObject ioPriority = json.child("ioPriority");
    return new OciProcess(
        json.flag("terminal"),
        size == null ? Optional.empty() : Optional.of(consoleSize(size)),
        user == null ? OciUser.ROOT : user(user),
        json.strings("args"),
        json.strings("env"),
        cwd,
        capabilities == null ? Optional.empty() : Optional.of(capabilities(capabilities)),
        rlimits(json),
        json.flag("noNewPrivileges"),
        json.nonEmpty("apparmorProfile"),
        json.smallNumber("oomScoreAdj", -1000, 1000),
        json.nonEmpty("selinuxLabel"),
        ioPriority == null ? Optional.empty() : Optional.of(ioPriority(ioPriority)));
  }

  private static OciConsoleSize consoleSize(JsonObject json) throws OciSpecException {
    return new OciConsoleSize(
        (int) json.requiredNumber("height", 0, 65535),
        (int) json.requiredNumber("width", 0, 65535));
  }

  private static OciUser user(JsonObject json) throws OciSpecException {
    return new OciUser(
        json.uint32("uid"),
        json.uint32("gid"),
        json.smallNumber("umask", 0, 07777),
        json.uint32s("additionalGids"));
  }

  private static OciCapabilities capabilities(JsonObject json) throws OciSpecException {
    return new OciCapabilities(
        json.strings("bounding"),
        json.strings("effective"),
        json.strings("inheritable"),
        json.strings("permitted"),
        json.strings("ambient"));
  }

  private static List<OciRlimit> rlimits(JsonObject json) throws OciSpecException {
    List<OciRlimit> limits = new ArrayList<>();
    for (JsonObject each : json.children("rlimits")) {
      String type = each.requiredString("type");
      limits.add(new OciRlimit(type, each.uint64("soft", true), each.uint64("hard", true)));
    }
    return limits;
  }

  private static OciIoPriority ioPriority(JsonObject json) throws OciSpecException {
    OptionalInt priority = json.smallNumber("priority", 0, 7);
    return new OciIoPriority(json.requiredString("class"), priority.orElse(0));
  }

  static void write(JsonGenerator out, OciProcess process) throws IOException {
    out.writeStartObject();
    JsonMembers.flag(out, "terminal", process.terminal());
    if (process.consoleSize().isPresent()) {
      out.writeObjectFieldStart("consoleSize");
      out.writeNumberField("height", process.consoleSize().get().height());
      out.writeNumberField("width", process.consoleSize().get().width());
      out.writeEndObject();
    }
    writeUser(out, process.user());
    JsonMembers.strings(out, "args", process.args());
    JsonMembers.strings(out, "env", process.env());
    out.writeStringField("cwd", process.cwd());
    if (process.capabilities().isPresent()) {
      writeCapabilities(out, process.capabilities().get());
    }
    if (!process.rlimits().isEmpty()) {
      out.writeArrayFieldStart("rlimits");
      for (OciRlimit limit : process.rlimits()) {
        out.writeStartObject();
        out.writeStringField("type", limit.type());
        JsonMembers.unsigned(out, "hard", limit.hard());
        JsonMembers.unsigned(out, "soft", limit.soft());
        out.writeEndObject();
      }
      out.writeEndArray();
    }
    JsonMembers.flag(out, "noNewPrivileges", process.noNewPrivileges());
    JsonMembers.string(out, "apparmorProfile", process.apparmorProfile());
    JsonMembers.number(out, "oomScoreAdj", process.oomScoreAdj());
    JsonMembers.string(out, "selinuxLabel", process.selinuxLabel());
    if (process.ioPriority().isPresent()) {
      out.writeObjectFieldStart("ioPriority");
      out.writeStringField("class", process.ioPriority().get().ioClass());
      out.writeNumberField("priority", process.ioPriority().get().priority());
      out.writeEndObject();
    }
    out.writeEndObject();
  }

  private static void writeUser(JsonGenerator out, OciUser user) throws IOException {
    out.writeObjectFieldStart("user");
    out.writeNumberField("uid", user.uid());
    out.writeNumberField("gid", user.gid());
    JsonMembers.number(out, "umask", user.umask());
    if (!user.additionalGids().isEmpty()) {
      out.writeArrayFieldStart("additionalGids");
      for (long gid : user.additionalGids()) {
        out.writeNumber(gid);
      }
      out.writeEndArray();
    }
    out.writeEndObject();
  }

  private static void writeCapabilities(JsonGenerator out, OciCapabilities sets)
      throws IOException {
    out.writeObjectFieldStart("capabilities");
    JsonMembers.strings(out, "bounding", sets.bounding());
    JsonMembers.strings(out, "effective", sets.effective());
    JsonMembers.strings(out, "inheritable", sets.inheritable());
    JsonMembers.strings(out, "permitted", sets.permitted());
    JsonMembers.strings(out, "ambient", sets.ambient());
    out.writeEndObject();
  }
}
