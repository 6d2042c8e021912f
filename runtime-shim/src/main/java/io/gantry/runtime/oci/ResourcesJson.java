package io.gantry.runtime.oci;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** The linux.resources object. */
final class ResourcesJson {
  private ResourcesJson() {}

  static OciResources read(JsonObject json) throws OciSpecException {
    for (String name : List.of("network", "rdma")) {
      if (json.has(name)) {
        throw json.error(name, "is not supported");
      }
    }
    JsonObject memory = json.child("memory");
    JsonObject cpu = json.child("cpu");
    JsonObject pids = json.child("pids");
    JsonObject blockIo = json.child("blockIO");
    return new OciResources(
        deviceRules(json),
        memory == null ? OciMemory.NONE : memory(memory),
        cpu == null ? OciCpu.NONE : cpu(cpu),
        pids == null ? OptionalLong.empty() : pids.int64("limit"),
        blockIo == null ? OciBlockIo.NONE : blockIo(blockIo),
        hugepageLimits(json),
        json.stringMap("unified"));
  }

  private static List<OciDeviceRule> deviceRules(JsonObject json) throws OciSpecException {
    List<OciDeviceRule> rules = new ArrayList<>();
    for (JsonObject each : json.children("devices")) {
      rules.add(deviceRule(each));
    }
    return rules;
  }

  private static List<OciHugepageLimit> hugepageLimits(JsonObject json) throws OciSpecException {
    List<OciHugepageLimit> limits = new ArrayList<>();
    for (JsonObject each : json.children("hugepageLimits")) {
      limits.add(hugepageLimit(each));
    }
    return limits;
  }

  private static OciDeviceRule deviceRule(JsonObject json) throws OciSpecException {
    String type = json.nonEmpty("type").orElse("a");
    if (type.length() != 1 || "abcu".indexOf(type.charAt(0)) < 0) {
      throw json.error("type", "\"" + type + "\" is none of a, b and c");
    }
    String access = json.nonEmpty("access").orElse("rwm");
    for (int i = 0; i < access.length(); i++) {
      if ("rwm".indexOf(access.charAt(i)) < 0) {
        throw json.error("access", "\"" + access + "\" has letters other than r, w and m");
      }
    }
    char kind = type.charAt(0) == 'u' ? 'c' : type.charAt(0);
    return new OciDeviceRule(
        json.flag("allow"), kind, number(json, "major"), number(json, "minor"), access);
  }

  /** Both absent and -1 mean any number: other runtimes write either. */
  private static OptionalLong number(JsonObject json, String name) throws OciSpecException {
    OptionalLong value = json.number(name, -1, Integer.MAX_VALUE);
    return value.isPresent() && value.getAsLong() == -1 ? OptionalLong.empty() : value;
  }

  private static OciMemory memory(JsonObject json) throws OciSpecException {
    return new OciMemory(
        json.number("limit", -1, Long.MAX_VALUE),
        json.number("reservation", -1, Long.MAX_VALUE),
        json.number("swap", -1, Long.MAX_VALUE),
        json.number("kernel", -1, Long.MAX_VALUE),
        json.number("kernelTCP", -1, Long.MAX_VALUE),
        json.number("swappiness", 0, 200),
        json.optionalFlag("disableOOMKiller"),
        json.optionalFlag("checkBeforeUpdate"));
  }

  private static OciCpu cpu(JsonObject json) throws OciSpecException {
    return new OciCpu(
        json.positive("shares"),
        json.int64("quota"),
        json.positive("period"),
        json.positive("burst"),
        json.int64("realtimeRuntime"),
        json.positive("realtimePeriod"),
        json.int64("idle"),
        json.nonEmpty("cpus"),
        json.nonEmpty("mems"));
  }

  private static OciBlockIo blockIo(JsonObject json) throws OciSpecException {
    return new OciBlockIo(
        json.smallNumber("weight", 0, 1000),
        json.smallNumber("leafWeight", 0, 1000),
        weights(json),
        throttles(json, "throttleReadBpsDevice"),
        throttles(json, "throttleWriteBpsDevice"),
        throttles(json, "throttleReadIOPSDevice"),
        throttles(json, "throttleWriteIOPSDevice"));
  }

  private static List<OciBlockIo.Weight> weights(JsonObject json) throws OciSpecException {
    List<OciBlockIo.Weight> weights = new ArrayList<>();
    for (JsonObject each : json.children("weightDevice")) {
      weights.add(
          new OciBlockIo.Weight(
              each.requiredNumber("major", 0, Integer.MAX_VALUE),
              each.requiredNumber("minor", 0, Integer.MAX_VALUE),
              each.smallNumber("weight", 0, 1000),
              each.smallNumber("leafWeight", 0, 1000)));
    }
    return weights;
  }

  private static List<OciBlockIo.Throttle> throttles(JsonObject json, String name)
      throws OciSpecException {
    List<OciBlockIo.Throttle> throttles = new ArrayList<>();
    for (JsonObject each : json.children(name)) {
      throttles.add(
          new OciBlockIo.Throttle(
              each.requiredNumber("major", 0, Integer.MAX_VALUE),
              each.requiredNumber("minor", 0, Integer.MAX_VALUE),
              each.positive("rate").orElse(0)));
    }
    return throttles;
  }

  private static OciHugepageLimit hugepageLimit(JsonObject json) throws OciSpecException {
    String size = json.requiredString("pageSize");
    for (int i = 0; i < size.length(); i++) {
      char c = size.charAt(i);
      // The size becomes part of a file name in the cgroup's directory.
      if (!(c >= '0' && c <= '9' || c >= 'A' && c <= 'Z')) {
        throw json.error("pageSize", "\"" + size + "\" is not a size such as 2MB");
      }
    }
    return new OciHugepageLimit(size, json.uint64("limit", true));
  }

  static void writeMember(JsonGenerator out, OciResources resources) throws IOException {
    if (!resources.equals(OciResources.NONE)) {
      out.writeFieldName("resources");
      write(out, resources);
    }
  }

  static void write(JsonGenerator out, OciResources resources) throws IOException {
    out.writeStartObject();
    if (!resources.devices().isEmpty()) {
      out.writeArrayFieldStart("devices");
      for (OciDeviceRule rule : resources.devices()) {
        writeDeviceRule(out, rule);
      }
      out.writeEndArray();
    }
    if (!resources.memory().equals(OciMemory.NONE)) {
      writeMemory(out, resources.memory());
    }
    if (!resources.cpu().equals(OciCpu.NONE)) {
      writeCpu(out, resources.cpu());
    }
    if (resources.pidsLimit().isPresent()) {
      out.writeObjectFieldStart("pids");
      out.writeNumberField("limit", resources.pidsLimit().getAsLong());
      out.writeEndObject();
    }
    if (!resources.blockIo().equals(OciBlockIo.NONE)) {
      writeBlockIo(out, resources.blockIo());
    }
    if (!resources.hugepageLimits().isEmpty()) {
      out.writeArrayFieldStart("hugepageLimits");
      for (OciHugepageLimit limit : resources.hugepageLimits()) {
        out.writeStartObject();
        out.writeStringField("pageSize", limit.pageSize());
        JsonMembers.unsigned(out, "limit", limit.limitBytes());
        out.writeEndObject();
      }
      out.writeEndArray();
    }
    JsonMembers.strings(out, "unified", resources.unified());
    out.writeEndObject();
  }

  private static void writeDeviceRule(JsonGenerator out, OciDeviceRule rule) throws IOException {
    out.writeStartObject();
    out.writeBooleanField("allow", rule.allow());
    out.writeStringField("type", String.valueOf(rule.type()));
    JsonMembers.number(out, "major", rule.major());
    JsonMembers.number(out, "minor", rule.minor());
    out.writeStringField("access", rule.access());
    out.writeEndObject();
  }

  private static void writeMemory(JsonGenerator out, OciMemory memory) throws IOException {
    out.writeObjectFieldStart("memory");
    JsonMembers.number(out, "limit", memory.limit());
    JsonMembers.number(out, "reservation", memory.reservation());
    JsonMembers.number(out, "swap", memory.swap());
    JsonMembers.number(out, "kernel", memory.kernel());
    JsonMembers.number(out, "kernelTCP", memory.kernelTcp());
    JsonMembers.number(out, "swappiness", memory.swappiness());
    JsonMembers.flag(out, "disableOOMKiller", memory.disableOomKiller());
    JsonMembers.flag(out, "checkBeforeUpdate", memory.checkBeforeUpdate());
    out.writeEndObject();
  }

  private static void writeCpu(JsonGenerator out, OciCpu cpu) throws IOException {
    out.writeObjectFieldStart("cpu");
    JsonMembers.number(out, "shares", cpu.shares());
    JsonMembers.number(out, "quota", cpu.quotaMicros());
    JsonMembers.number(out, "burst", cpu.burstMicros());
    JsonMembers.number(out, "period", cpu.periodMicros());
    JsonMembers.number(out, "realtimeRuntime", cpu.realtimeRuntimeMicros());
    JsonMembers.number(out, "realtimePeriod", cpu.realtimePeriodMicros());
    JsonMembers.number(out, "idle", cpu.idle());
    JsonMembers.string(out, "cpus", cpu.cpus());
    JsonMembers.string(out, "mems", cpu.mems());
    out.writeEndObject();
  }

  private static void writeBlockIo(JsonGenerator out, OciBlockIo io) throws IOException {
    out.writeObjectFieldStart("blockIO");
    JsonMembers.number(out, "weight", io.weight());
    JsonMembers.number(out, "leafWeight", io.leafWeight());
    if (!io.weightDevices().isEmpty()) {
      out.writeArrayFieldStart("weightDevice");
      for (OciBlockIo.Weight device : io.weightDevices()) {
        out.writeStartObject();
        out.writeNumberField("major", device.major());
        out.writeNumberField("minor", device.minor());
        JsonMembers.number(out, "weight", device.weight());
        JsonMembers.number(out, "leafWeight", device.leafWeight());
        out.writeEndObject();
      }
      out.writeEndArray();
    }
    throttles(out, "throttleReadBpsDevice", io.readBytesPerSecond());
    throttles(out, "throttleWriteBpsDevice", io.writeBytesPerSecond());
    throttles(out, "throttleReadIOPSDevice", io.readOperationsPerSecond());
    throttles(out, "throttleWriteIOPSDevice", io.writeOperationsPerSecond());
    out.writeEndObject();
  }

  private static void throttles(JsonGenerator out, String name, List<OciBlockIo.Throttle> devices)
      throws IOException {
    if (devices.isEmpty()) {
      return;
    }
    out.writeArrayFieldStart(name);
    for (OciBlockIo.Throttle device : devices) {
      out.writeStartObject();
      out.writeNumberField("major", device.major());
      out.writeNumberField("minor", device.minor());
      out.writeNumberField("rate", device.rate());
      out.writeEndObject();
    }
    out.writeEndArray();
  }
}
