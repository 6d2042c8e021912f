package io.gantry.runtime.oci;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Reads configurations from JSON. What gantry cannot honour is refused, never silently dropped. */
public final class OciSpecReader {
  private OciSpecReader() {}

  /**
   * Reads a file.
   *
   * @throws OciSpecException if it is not a valid configuration; the message names the file and the
   *     member
   * @throws IOException if it cannot be read
   */
  public static OciSpec read(Path file) throws OciSpecException, IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return spec(JsonObject.root(JsonTree.parse(in)));
    } catch (OciSpecException e) {
      throw new OciSpecException(file + ": " + e.getMessage(), e);
    }
  }

  /** Parses a whole document. */
  public static OciSpec parse(String json) throws OciSpecException {
    return spec(JsonObject.root(tree(json.getBytes(StandardCharsets.UTF_8))));
  }

  /** Parses a process object alone, as an exec request carries it. */
  public static OciProcess parseProcess(byte[] json) throws OciSpecException {
    return ProcessJson.read(JsonObject.root(tree(json)));
  }

  /** Parses a resources object alone, as an update request carries it. */
  public static OciResources parseResources(byte[] json) throws OciSpecException {
    return ResourcesJson.read(JsonObject.root(tree(json)));
  }

  /** Parses a seccomp object alone, as a Localhost profile file holds it. */
  public static OciSeccomp parseSeccomp(byte[] json) throws OciSpecException {
    return SeccompJson.read(JsonObject.root(tree(json)));
  }

  private static Object tree(byte[] json) throws OciSpecException {
    try {
      return JsonTree.parse(new ByteArrayInputStream(json));
    } catch (IOException e) {
      throw new OciSpecException("cannot read from memory", e);
    }
  }

  private static OciSpec spec(JsonObject json) throws OciSpecException {
    String version = json.requiredString("ociVersion");
    JsonObject process = json.child("process");
    JsonObject root = json.requiredChild("root");
    JsonObject hooks = json.child("hooks");
    return new OciSpec(
        version,
        process == null ? Optional.empty() : Optional.of(ProcessJson.read(process)),
        new OciRoot(root.requiredString("path"), root.flag("readonly")),
        json.nonEmpty("hostname"),
        json.nonEmpty("domainname"),
        mounts(json),
        hooks == null ? OciHooks.NONE : hooks(hooks),
        json.stringMap("annotations"),
        LinuxJson.read(json.requiredChild("linux")));
  }

  private static List<OciMount> mounts(JsonObject json) throws OciSpecException {
    List<OciMount> mounts = new ArrayList<>();
    for (JsonObject each : json.children("mounts")) {
      mounts.add(mount(each));
    }
    return mounts;
  }

  private static OciMount mount(JsonObject json) throws OciSpecException {
    String destination = json.requiredString("destination");
    if (destination.isEmpty()) {
      throw json.error("destination", "is empty");
    }
    return new OciMount(
        destination,
        json.nonEmpty("type"),
        json.nonEmpty("source"),
        json.strings("options"),
        LinuxJson.idMappings(json, "uidMappings"),
        LinuxJson.idMappings(json, "gidMappings"));
  }

  private static OciHooks hooks(JsonObject json) throws OciSpecException {
    return new OciHooks(
        hookList(json, "prestart"),
        hookList(json, "createRuntime"),
        hookList(json, "createContainer"),
        hookList(json, "startContainer"),
        hookList(json, "poststart"),
        hookList(json, "poststop"));
  }

  private static List<OciHook> hookList(JsonObject json, String name) throws OciSpecException {
    List<OciHook> hooks = new ArrayList<>();
    for (JsonObject each : json.children(name)) {
      hooks.add(hook(each));
    }
    return hooks;
  }

  private static OciHook hook(JsonObject json) throws OciSpecException {
    String path = json.requiredString("path");
    if (!path.startsWith("/")) {
      throw json.error("path", "\"" + path + "\" is not absolute");
    }
    OptionalInt timeout = json.smallNumber("timeout", 1, Integer.MAX_VALUE);
    return new OciHook(path, json.strings("args"), json.strings("env"), timeout);
  }
}
