package io.gantry.tests.node;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** The configuration files that a person gives to crictl runp and create. */
public final class CrictlFiles {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final AtomicInteger INSTANCES = new AtomicInteger();

  private final TestNode node;
  private final String suffix;

  /** Files for one test: logs of pods with the same name in another test are elsewhere. */
  public CrictlFiles(TestNode node) {
    this.node = node;
    this.suffix = "-" + INSTANCES.incrementAndGet();
  }

  /** A pod of this name with its own namespaces. The same name gives the same file. */
  public Path pod(String name) {
    return write(
        "pod-" + name + ".json",
        Map.of(
            "metadata",
            Map.of("name", name, "uid", "uid-" + name, "namespace", "tests", "attempt", 1),
            "hostname",
            name,
            "log_directory",
            logDirectory(name).toString(),
            "labels",
            Map.of("test-label", "value"),
            "annotations",
            Map.of("test-annotation", "with spaces"),
            "linux",
            Map.of("cgroup_parent", node.cgroupParent())));
  }

  public Path logDirectory(String podName) {
    return node.directory().logs().resolve(podName + suffix);
  }

  /** A container of the busybox image that runs these words. */
  public Path container(String name, String... command) {
    return container(name, Map.of(), command);
  }

  /** A container whose configuration has further or other keys. */
  public Path container(String name, Map<String, Object> more, String... command) {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("metadata", Map.of("name", name));
    config.put("image", Map.of("image", node.busybox()));
    config.put("command", List.of(command));
    config.put("log_path", name + ".log");
    config.put("labels", Map.of("test-label", name));
    config.putAll(more);
    return write("container-" + name + ".json", config);
  }

  private Path write(String fileName, Map<String, Object> content) {
    try {
      return node.directory()
          .write(fileName, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(content));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of strings is always JSON", e);
    }
  }
}
