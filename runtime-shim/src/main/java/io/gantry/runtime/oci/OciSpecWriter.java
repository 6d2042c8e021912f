package io.gantry.runtime.oci;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes configurations as JSON that {@link OciSpecReader} and other OCI runtimes read back. */
public final class OciSpecWriter {
  private OciSpecWriter() {}

  /** What one kind of document consists of. */
  private interface Body {
    void write(JsonGenerator out) throws IOException;
  }

  /** A whole config.json. */
  public static String toJson(OciSpec spec) {
    return json(out -> write(out, spec));
  }

  /** A process object alone. */
  public static String toJson(OciProcess process) {
    return json(out -> ProcessJson.write(out, process));
  }

  /** A resources object alone. */
  public static String toJson(OciResources resources) {
    return json(out -> ResourcesJson.write(out, resources));
  }

  /**
   * The state of a container of this configuration, as hooks read it (runtime.md, "State").
   *
   * @param pid of the first process; 0 where there is none, and then left out
   */
  public static String stateJson(OciSpec spec, String id, String status, int pid, String bundle) {
    return json(
        out -> {
          out.writeStartObject();
          out.writeStringField("ociVersion", spec.ociVersion());
          out.writeStringField("id", id);
          out.writeStringField("status", status);
          if (pid != 0) {
            out.writeNumberField("pid", pid);
          }
          out.writeStringField("bundle", bundle);
          JsonMembers.strings(out, "annotations", spec.annotations());
          out.writeEndObject();
        });
  }

  private static String json(Body body) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(8192);
    try (JsonGenerator out = JsonTree.factory().createGenerator(bytes, JsonEncoding.UTF8)) {
      body.write(out);
    } catch (IOException e) {
      throw new UncheckedIOException("write JSON to memory", e);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static void write(JsonGenerator out, OciSpec spec) throws IOException {
    out.writeStartObject();
    out.writeStringField("ociVersion", spec.ociVersion());
    if (spec.process().isPresent()) {
      out.writeFieldName("process");
      ProcessJson.write(out, spec.process().get());
    }
    out.writeObjectFieldStart("root");
    out.writeStringField("path", spec.root().path());
    JsonMembers.flag(out, "readonly", spec.root().readonly());
    out.writeEndObject();
    JsonMembers.string(out, "hostname", spec.hostname());
    JsonMembers.string(out, "domainname", spec.domainname());
    writeMounts(out, spec.mounts());
    if (!spec.hooks().equals(OciHooks.NONE)) {
      writeHooks(out, spec.hooks());
    }
    JsonMembers.strings(out, "annotations", spec.annotations());
    LinuxJson.write(out, spec.linux());
    out.writeEndObject();
  }

  private static void writeMounts(JsonGenerator out, List<OciMount> mounts) throws IOException {
    if (mounts.isEmpty()) {
      return;
    }
    out.writeArrayFieldStart("mounts");
    for (OciMount mount : mounts) {
      out.writeStartObject();
      out.writeStringField("destination", mount.destination());
      JsonMembers.string(out, "type", mount.type());
      JsonMembers.string(out, "source", mount.source());
      JsonMembers.strings(out, "options", mount.options());
      LinuxJson.idMappings(out, "uidMappings", mount.uidMappings());
      LinuxJson.idMappings(out, "gidMappings", mount.gidMappings());
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  private static void writeHooks(JsonGenerator out, OciHooks hooks) throws IOException {
    out.writeObjectFieldStart("hooks");
    hookList(out, "prestart", hooks.prestart());
    hookList(out, "createRuntime", hooks.createRuntime());
    hookList(out, "createContainer", hooks.createContainer());
    hookList(out, "startContainer", hooks.startContainer());
    hookList(out, "poststart", hooks.poststart());
    hookList(out, "poststop", hooks.poststop());
    out.writeEndObject();
  }

  private static void hookList(JsonGenerator out, String name, List<OciHook> hooks)
      throws IOException {
    if (hooks.isEmpty()) {
      return;
    }
    out.writeArrayFieldStart(name);
    for (OciHook hook : hooks) {
      out.writeStartObject();
      out.writeStringField("path", hook.path());
      JsonMembers.strings(out, "args", hook.args());
      JsonMembers.strings(out, "env", hook.env());
      JsonMembers.number(out, "timeout", hook.timeoutSeconds());
      out.writeEndObject();
    }
    out.writeEndArray();
  }
}
