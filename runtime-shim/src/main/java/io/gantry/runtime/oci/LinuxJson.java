package io.gantry.runtime.oci;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The linux object without its larger parts. */
final class LinuxJson {
  private LinuxJson() {}

  static OciLinux read(JsonObject json) throws OciSpecException {
    for (String name : List.of("netDevices", "memoryPolicy", "personality", "timeOffsets")) {
      if (json.has(name)) {
        throw json.error(name, "is not supported");
      }
    }
    JsonObject resources = json.child("resources");
    JsonObject seccomp = json.child("seccomp");
    JsonObject intelRdt = json.child("intelRdt");
    return new OciLinux(
        namespaces(json),
        idMappings(json, "uidMappings"),
        idMappings(json, "gidMappings"),
        devices(json),
        json.nonEmpty("cgroupsPath"),
        resources == null ? OciResources.NONE : ResourcesJson.read(resources),
        json.stringMap("sysctl"),
        seccomp == null ? Optional.empty() : Optional.of(SeccompJson.read(seccomp)),
        json.nonEmpty("rootfsPropagation"),
        json.strings("maskedPaths"),
        json.strings("readonlyPaths"),
        json.nonEmpty("mountLabel"),
        intelRdt == null ? Optional.empty() : Optional.of(intelRdt(intelRdt)));
  }

  private static OciNamespace namespace(JsonObject json) throws OciSpecException {
    String type = json.requiredString("type");
    for (OciNamespace.Type known : OciNamespace.Type.values()) {
      if (known.specName().equals(type)) {
        return new OciNamespace(known, json.nonEmpty("path"));
      }
    }
    throw json.error("type", "unknown namespace type \"" + type + "\"");
  }

  private static List<OciNamespace> namespaces(JsonObject json) throws OciSpecException {
    List<OciNamespace> namespaces = new ArrayList<>();
    for (JsonObject each : json.children("namespaces")) {
      namespaces.add(namespace(each));
    }
    return namespaces;
  }

  static List<OciIdMapping> idMappings(JsonObject json, String name) throws OciSpecException {
    List<OciIdMapping> mappings = new ArrayList<>();
    for (JsonObject each : json.children(name)) {
      mappings.add(
          new OciIdMapping(
              each.requiredNumber("containerID", 0, JsonObject.UINT32_MAX),
              each.requiredNumber("hostID", 0, JsonObject.UINT32_MAX),
              each.requiredNumber("size", 0, JsonObject.UINT32_MAX)));
    }
    return mappings;
  }

  private static List<OciDevice> devices(JsonObject json) throws OciSpecException {
    List<OciDevice> devices = new ArrayList<>();
    for (JsonObject each : json.children("devices")) {
      devices.add(device(each));
    }
    return devices;
  }

  private static OciDevice device(JsonObject json) throws OciSpecException {
    String type = json.requiredString("type");
    if (type.length() != 1 || "cbup".indexOf(type.charAt(0)) < 0) {
      throw json.error("type", "\"" + type + "\" is none of c, b, u and p");
    }
    return new OciDevice(
        json.requiredString("path"),
        type.charAt(0),
        json.number("major", 0, Integer.MAX_VALUE).orElse(0),
        json.number("minor", 0, Integer.MAX_VALUE).orElse(0),
        json.smallNumber("fileMode", 0, 0177777),
        json.uint32("uid"),
        json.uint32("gid"));
  }

  private static OciIntelRdt intelRdt(JsonObject json) throws OciSpecException {
    return new OciIntelRdt(
        json.nonEmpty("closID"),
        json.strings("schemata"),
        json.nonEmpty("l3CacheSchema"),
        json.nonEmpty("memBwSchema"),
        json.flag("enableMonitoring"));
  }

  static void write(JsonGenerator out, OciLinux linux) throws IOException {
    out.writeObjectFieldStart("linux");
    idMappings(out, "uidMappings", linux.uidMappings());
    idMappings(out, "gidMappings", linux.gidMappings());
    JsonMembers.strings(out, "sysctl", linux.sysctl());
    ResourcesJson.writeMember(out, linux.resources());
    JsonMembers.string(out, "cgroupsPath", linux.cgroupsPath());
    writeNamespaces(out, linux.namespaces());
    writeDevices(out, linux.devices());
    if (linux.seccomp().isPresent()) {
      SeccompJson.write(out, linux.seccomp().get());
    }
    JsonMembers.string(out, "rootfsPropagation", linux.rootfsPropagation());
    JsonMembers.strings(out, "maskedPaths", linux.maskedPaths());
    JsonMembers.strings(out, "readonlyPaths", linux.readonlyPaths());
    JsonMembers.string(out, "mountLabel", linux.mountLabel());
    if (linux.intelRdt().isPresent()) {
      writeIntelRdt(out, linux.intelRdt().get());
    }
    out.writeEndObject();
  }

  static void idMappings(JsonGenerator out, String name, List<OciIdMapping> mappings)
      throws IOException {
    if (mappings.isEmpty()) {
      return;
    }
    out.writeArrayFieldStart(name);
    for (OciIdMapping mapping : mappings) {
      out.writeStartObject();
      out.writeNumberField("containerID", mapping.containerId());
      out.writeNumberField("hostID", mapping.hostId());
      out.writeNumberField("size", mapping.size());
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  private static void writeNamespaces(JsonGenerator out, List<OciNamespace> namespaces)
      throws IOException {
    if (namespaces.isEmpty()) {
      return;
    }
    out.writeArrayFieldStart("namespaces");
    for (OciNamespace namespace : namespaces) {
      out.writeStartObject();
      out.writeStringField("type", namespace.type().specName());
      JsonMembers.string(out, "path", namespace.path());
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  private static void writeDevices(JsonGenerator out, List<OciDevice> devices) throws IOException {
    if (devices.isEmpty()) {
      return;
    }
    out.writeArrayFieldStart("devices");
    for (OciDevice device : devices) {
      out.writeStartObject();
      out.writeStringField("path", device.path());
      out.writeStringField("type", String.valueOf(device.type()));
      out.writeNumberField("major", device.major());
      out.writeNumberField("minor", device.minor());
      JsonMembers.number(out, "fileMode", device.fileMode());
      out.writeNumberField("uid", device.uid());
      out.writeNumberField("gid", device.gid());
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  private static void writeIntelRdt(JsonGenerator out, OciIntelRdt rdt) throws IOException {
    out.writeObjectFieldStart("intelRdt");
    JsonMembers.string(out, "closID", rdt.closId());
    JsonMembers.strings(out, "schemata", rdt.schemata());
    JsonMembers.string(out, "l3CacheSchema", rdt.l3CacheSchema());
    JsonMembers.string(out, "memBwSchema", rdt.memBwSchema());
    JsonMembers.flag(out, "enableMonitoring", rdt.enableMonitoring());
    out.writeEndObject();
  }
}
