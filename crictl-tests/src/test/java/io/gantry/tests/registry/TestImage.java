package io.gantry.tests.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A single-platform image: its layers, bottom first, and what its configuration says of running it.
 *
 * @param architecture as Go names it: amd64, arm64
 * @param config the {@code config} object of an OCI image configuration
 * @param annotations of its manifest
 */
public record TestImage(
    ManifestFormat format,
    String architecture,
    List<Layer> layers,
    Map<String, Object> config,
    Map<String, String> annotations) {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PATH =
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  public TestImage {
    layers = List.copyOf(layers);
    // Sorted, so that an image's digest does not change from run to run.
    config = new TreeMap<>(config);
    annotations = new TreeMap<>(annotations);
  }

  /** An image of this machine's architecture with nothing configured but its PATH. */
  public static TestImage of(Layer... layers) {
    return new TestImage(
        ManifestFormat.OCI,
        hostArchitecture(),
        List.of(layers),
        Map.of("Env", List.of(PATH)),
        Map.of());
  }

  public TestImage entrypoint(String... words) {
    return with("Entrypoint", List.of(words));
  }

  public TestImage command(String... words) {
    return with("Cmd", List.of(words));
  }

  /** Variables in the form NAME=value, beside the PATH. */
  public TestImage environment(String... variables) {
    return with("Env", Stream.concat(Stream.of(PATH), Stream.of(variables)).toList());
  }

  /** As in a Dockerfile's USER. */
  public TestImage user(String user) {
    return with("User", user);
  }

  public TestImage workingDirectory(String directory) {
    return with("WorkingDir", directory);
  }

  public TestImage stopSignal(String signal) {
    return with("StopSignal", signal);
  }

  public TestImage volumes(String... paths) {
    return with(
        "Volumes", Stream.of(paths).collect(Collectors.toMap(path -> path, path -> Map.of())));
  }

  public TestImage label(String name, String value) {
    return with("Labels", Map.of(name, value));
  }

  public TestImage annotation(String name, String value) {
    Map<String, String> more = new TreeMap<>(annotations);
    more.put(name, value);
    return new TestImage(format, architecture, layers, config, more);
  }

  public TestImage as(ManifestFormat newFormat) {
    return new TestImage(newFormat, architecture, layers, config, annotations);
  }

  public TestImage architecture(String newArchitecture) {
    return new TestImage(format, newArchitecture, layers, config, annotations);
  }

  /** This image with one more layer on top. */
  public TestImage plus(Layer layer) {
    List<Layer> more = new ArrayList<>(layers);
    more.add(layer);
    return new TestImage(format, architecture, more, config, annotations);
  }

  /** The image's ID under the CRI: the digest of its configuration. */
  public String id() {
    return Digests.sha256(configuration());
  }

  /** The digest by which a registry serves the manifest. */
  public String digest() {
    return Digests.sha256(manifest());
  }

  byte[] configuration() {
    return bytes(
        sorted(
            "created",
            "2024-01-01T00:00:00Z",
            "architecture",
            architecture,
            "os",
            "linux",
            "config",
            config,
            "rootfs",
            sorted("type", "layers", "diff_ids", layers.stream().map(Layer::diffId).toList())));
  }

  byte[] manifest() {
    Map<String, Object> manifest =
        sorted(
            "schemaVersion",
            2,
            "mediaType",
            format.manifest(),
            "config",
            descriptor(format.config(), configuration()),
            "layers",
            layers.stream()
                .map(layer -> descriptor(layer.mediaType(format), layer.blob()))
                .toList());
    if (!annotations.isEmpty()) {
      manifest.put("annotations", annotations);
    }
    return bytes(manifest);
  }

  /** An index that offers each of the images for its architecture. */
  static byte[] index(ManifestFormat format, List<TestImage> images) {
    List<Map<String, Object>> manifests = new ArrayList<>();
    for (TestImage image : images) {
      Map<String, Object> entry = descriptor(format.manifest(), image.manifest());
      entry.put("platform", sorted("architecture", image.architecture, "os", "linux"));
      manifests.add(entry);
    }
    return bytes(sorted("schemaVersion", 2, "mediaType", format.index(), "manifests", manifests));
  }

  static String hostArchitecture() {
    return System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
  }

  private TestImage with(String key, Object value) {
    Map<String, Object> changed = new TreeMap<>(config);
    changed.put(key, value);
    return new TestImage(format, architecture, layers, changed, annotations);
  }

  private static Map<String, Object> descriptor(String mediaType, byte[] content) {
    return sorted(
        "mediaType", mediaType, "digest", Digests.sha256(content), "size", content.length);
  }

  private static Map<String, Object> sorted(Object... keysAndValues) {
    Map<String, Object> map = new TreeMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      map.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return map;
  }

  private static byte[] bytes(Map<String, Object> document) {
    try {
      return JSON.writeValueAsBytes(document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of strings is always JSON", e);
    }
  }
}
