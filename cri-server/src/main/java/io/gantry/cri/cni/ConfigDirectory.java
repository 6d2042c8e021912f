package io.gantry.cri.cni;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory of network configurations. The first valid file in byte order is the pods' network.
 * Files are read again when one of them, or the set of them, has changed; there is no thread that
 * watches. Thread-safe.
 */
final class ConfigDirectory {
  private static final Logger log = LoggerFactory.getLogger(ConfigDirectory.class);
  private static final long MAX_FILE_BYTES = 1 << 20;

  private final Path directory;
  private final ObjectMapper json = new ObjectMapper();

  /** Guarded by this. */
  private Map<Path, Stamp> seen = Map.of();

  /** Guarded by this; replaced when the files change. */
  private Loaded loaded = new Loaded.Nothing("not read yet");

  private record Stamp(FileTime modified, long sizeBytes, Object inode) {}

  private sealed interface Loaded {
    record Network(NetworkConfig config) implements Loaded {}

    record Nothing(String why) implements Loaded {}
  }

  ConfigDirectory(Path directory) {
    this.directory = directory;
  }

  /**
   * The pods' network.
   *
   * @throws CniException saying why there is none, with every file's problem
   */
  synchronized NetworkConfig network() throws CniException {
    Map<Path, Stamp> now;
    try {
      now = stamps();
    } catch (NoSuchFileException e) {
      throw new CniException("no network configuration: " + directory + " does not exist");
    } catch (IOException e) {
      throw new CniException("read " + directory, e);
    }
    if (loaded instanceof Loaded.Nothing || !now.equals(seen)) {
      loaded = load(now.keySet());
      seen = now;
    }
    if (loaded instanceof Loaded.Network network) {
      return network.config();
    }
    throw new CniException(((Loaded.Nothing) loaded).why());
  }

  private Loaded load(Iterable<Path> files) {
    List<String> problems = new ArrayList<>();
    for (Path file : files) {
      if (file.getParent().equals(directory)) {
        try {
          NetworkConfig config = read(file);
          log.atInfo()
              .addKeyValue("network", config.name())
              .addKeyValue("file", file)
              .addKeyValue("cni_version", config.version())
              .log("network configuration loaded");
          return new Loaded.Network(config);
        } catch (JsonProcessingException e) {
          problems.add(file + ": " + e.getOriginalMessage());
        } catch (IOException e) {
          problems.add(file + ": " + e.getMessage());
        }
      }
    }
    return new Loaded.Nothing(
        problems.isEmpty()
            ? "no network configuration in " + directory
            : "no valid network configuration: " + String.join("; ", problems));
  }

  private NetworkConfig read(Path file) throws IOException {
    JsonNode document = readJson(file);
    if (!file.toString().endsWith(".conflist")) {
      return NetworkConfig.ofPlugin(document);
    }
    if (document.path("loadOnlyInlinedPlugins").asBoolean()) {
      return NetworkConfig.ofList(document);
    }
    // A list may leave plugins, all of them even, to files of their own (CNI specification 1.1,
    // section 1).
    List<ObjectNode> more = new ArrayList<>();
    String name = document.path("name").asText();
    Path drop = directory.resolve(name.isEmpty() || name.contains("/") ? ".none" : name);
    if (Files.isDirectory(drop)) {
      for (Path part : files(drop, ".conf")) {
        more.addAll(NetworkConfig.objects(json.createArrayNode().add(readJson(part))));
      }
    }
    if (more.isEmpty()) {
      return NetworkConfig.ofList(document);
    }
    ObjectNode whole = document.deepCopy();
    more.forEach(whole.withArray("/plugins")::add);
    return NetworkConfig.ofList(whole);
  }

  private JsonNode readJson(Path file) throws IOException {
    if (Files.size(file) > MAX_FILE_BYTES) {
      throw new CniException("larger than " + MAX_FILE_BYTES + " bytes");
    }
    return json.readTree(Files.readAllBytes(file));
  }

  /**
   * Every file that may matter, those in the networks' own directories too, in byte order of the
   * path.
   */
  private Map<Path, Stamp> stamps() throws IOException {
    Map<Path, Stamp> stamps = new TreeMap<>();
    for (Path file : files(directory, ".conf", ".conflist", ".json")) {
      stamp(file, stamps);
    }
    try (DirectoryStream<Path> children = Files.newDirectoryStream(directory, Files::isDirectory)) {
      for (Path child : children) {
        for (Path file : files(child, ".conf")) {
          stamp(file, stamps);
        }
      }
    }
    return stamps;
  }

  private static void stamp(Path file, Map<Path, Stamp> stamps) throws IOException {
    var attributes = Files.readAttributes(file, java.nio.file.attribute.BasicFileAttributes.class);
    stamps.put(
        file, new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey()));
  }

  /**
   * Unix paths compare by their bytes, which is the order that the specification's users expect.
   */
  private static List<Path> files(Path directory, String... suffixes) throws IOException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        for (String suffix : suffixes) {
          if (entry.toString().endsWith(suffix) && Files.isRegularFile(entry)) {
            files.add(entry);
          }
        }
      }
    }
    files.sort(null);
    return files;
  }
}
