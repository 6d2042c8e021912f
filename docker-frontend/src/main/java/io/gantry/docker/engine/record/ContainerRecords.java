package io.gantry.docker.engine.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All containers of the engine. Each has a directory with its record, its log and the files that
 * are the engine's in it.
 */
public final class ContainerRecords {
  private static final Logger log = LoggerFactory.getLogger(ContainerRecords.class);
  private static final String RECORD = "container.json";

  private final Path directory;
  private final Map<String, DockerContainer> byId = new HashMap<>();
  private final Map<String, String> idsByName = new HashMap<>();

  private ContainerRecords(Path directory) {
    this.directory = directory;
  }

  /** Reads what is there. A record that cannot be read is set aside. */
  public static ContainerRecords open(Path directory) throws IOException {
    Files.createDirectories(directory);
    ContainerRecords records = new ContainerRecords(directory);
    try (Stream<Path> entries = Files.list(directory)) {
      for (Path entry : entries.toList()) {
        records.read(entry);
      }
    }
    return records;
  }

  private void read(Path entry) throws IOException {
    Path file = entry.resolve(RECORD);
    if (!Files.exists(file)) {
      log.atInfo()
          .addKeyValue("directory", entry)
          .log("removing a half-made container's directory");
      deleteTree(entry);
      return;
    }
    try {
      JsonNode document = Json.parse(Files.readAllBytes(file), file.toString());
      DockerContainer container = DockerContainer.read((ObjectNode) document);
      byId.put(container.id(), container);
      idsByName.put(container.name(), container.id());
    } catch (EngineException | RuntimeException e) {
      Path aside = file.resolveSibling(RECORD + ".torn");
      log.atWarn().addKeyValue("file", aside).addKeyValue("error", e).log("record set aside");
      Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Where a container's files are. */
  public Path directory(DockerContainer container) {
    return directory.resolve(container.id());
  }

  /** Where its log is. */
  public Path logFile(DockerContainer container) {
    return directory(container).resolve(container.id() + ".log");
  }

  /**
   * Takes in a new container; its name is its own from here on.
   *
   * @throws EngineException if another one has the name
   */
  public void add(DockerContainer container) throws EngineException, IOException {
    synchronized (this) {
      requireFree(container.name());
      byId.put(container.id(), container);
      idsByName.put(container.name(), container.id());
    }
    try {
      Files.createDirectories(directory(container));
      write(container);
    } catch (IOException e) {
      forget(container);
      throw e;
    }
  }

  /**
   * Gives a container another name.
   *
   * @throws EngineException if another one has the name
   */
  public void rename(DockerContainer container, String name) throws EngineException, IOException {
    synchronized (this) {
      requireFree(name);
      idsByName.remove(container.name());
      idsByName.put(name, container.id());
      container.setName(name);
    }
    write(container);
  }

  private void requireFree(String name) throws EngineException {
    String owner = idsByName.get(name);
    if (owner != null) {
      throw EngineException.conflict(
          ("Conflict. The container name \"/%s\" is already in use by container \"%s\"."
                  + " You have to remove (or rename) that container to be able to reuse that name.")
              .formatted(name, owner));
    }
  }

  public synchronized boolean isTaken(String name) {
    return idsByName.containsKey(name);
  }

  /** Writes how a container stands. */
  public void write(DockerContainer container) throws IOException {
    Path target = directory(container).resolve(RECORD);
    synchronized (container) {
      Path temporary = target.resolveSibling(RECORD + ".new");
      try (FileChannel file =
          FileChannel.open(
              temporary,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        ByteBuffer bytes = ByteBuffer.wrap(Json.pretty(container.toDocument()));
        while (bytes.hasRemaining()) {
          file.write(bytes);
        }
        file.force(true);
      }
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  /** Forgets a container, its files and its name. */
  public void remove(DockerContainer container) throws IOException {
    Path files = directory(container);
    Files.deleteIfExists(files.resolve(RECORD));
    forget(container);
    deleteTree(files);
  }

  private synchronized void forget(DockerContainer container) {
    byId.remove(container.id());
    idsByName.remove(container.name(), container.id());
  }

  /** All, newest first. */
  public synchronized List<DockerContainer> all() {
    return byId.values().stream()
        .sorted(Comparator.comparing(DockerContainer::created).reversed())
        .toList();
  }

  /**
   * The container of a name, an id, or an id's first digits.
   *
   * @throws EngineException if there is none, or several have these digits
   */
  public DockerContainer get(String reference) throws EngineException {
    return find(reference)
        .orElseThrow(() -> EngineException.notFound("No such container: " + reference));
  }

  /**
   * The same, if there is one.
   *
   * @throws EngineException if several have these digits
   */
  public synchronized Optional<DockerContainer> find(String reference) throws EngineException {
    String name = reference.startsWith("/") ? reference.substring(1) : reference;
    if (byId.containsKey(name)) {
      return Optional.of(byId.get(name));
    }
    if (idsByName.containsKey(name)) {
      return Optional.of(byId.get(idsByName.get(name)));
    }
    if (name.isEmpty()) {
      return Optional.empty();
    }
    List<DockerContainer> some =
        byId.values().stream().filter(each -> each.id().startsWith(name)).toList();
    if (some.size() > 1) {
      throw EngineException.badRequest("Multiple IDs found with provided prefix: " + name);
    }
    return some.stream().findFirst();
  }

  private static void deleteTree(Path top) throws IOException {
    if (!Files.exists(top)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(top)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
