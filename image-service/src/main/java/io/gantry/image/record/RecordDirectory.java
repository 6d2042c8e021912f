package io.gantry.image.record;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.gantry.image.step.Steps;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory of JSON documents {@code NAME.json}. A write is durable when it returns, and a reader
 * sees the old document or the new, never a part. Safe for many threads as long as each name is
 * written by one at a time.
 */
public final class RecordDirectory {

  private static final Logger log = LoggerFactory.getLogger(RecordDirectory.class);
  private static final String SUFFIX = ".json";
  private static final String TEMPORARY = ".tmp";
  private static final JsonMapper MAPPER = new JsonMapper();

  private final Path directory;
  private final String kind;
  private final Steps steps;

  private RecordDirectory(Path directory, String kind, Steps steps) {
    this.directory = directory;
    this.kind = kind;
    this.steps = steps;
  }

  /**
   * Opens the directory, makes it if it is not there, and removes what a crash left half-written.
   *
   * @param kind what the documents are about, in a word
   */
  public static RecordDirectory open(Path directory, String kind, Steps steps) throws IOException {
    Files.createDirectories(directory);
    try (DirectoryStream<Path> left = Files.newDirectoryStream(directory, "*" + TEMPORARY)) {
      for (Path file : left) {
        Files.delete(file);
      }
    }
    return new RecordDirectory(directory, kind, steps);
  }

  /**
   * Reads all documents by name. One that cannot be read as JSON is set aside as {@code
   * NAME.json.damaged}, with a warning.
   */
  public Map<String, JsonNode> readAll() throws IOException {
    Map<String, JsonNode> all = new TreeMap<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        try {
          all.put(
              name.substring(0, name.length() - SUFFIX.length()),
              MAPPER.readTree(Files.readAllBytes(file)));
        } catch (JsonProcessingException damaged) {
          setAside(file, damaged.getOriginalMessage());
        }
      }
    }
    return all;
  }

  /**
   * What is wrong with the documents on disk, by name: those that are missing, damaged, or say
   * something else than they should. Nothing is changed.
   *
   * @param expected what they should say
   */
  public Map<String, String> flaws(Map<String, ? extends JsonNode> expected) throws IOException {
    Map<String, String> flaws = new TreeMap<>();
    for (Map.Entry<String, ? extends JsonNode> one : expected.entrySet()) {
      flaw(one.getKey(), one.getValue()).ifPresent(flaw -> flaws.put(one.getKey(), flaw));
    }
    return flaws;
  }

  private Optional<String> flaw(String name, JsonNode expected) throws IOException {
    try {
      JsonNode found = MAPPER.readTree(Files.readAllBytes(directory.resolve(name + SUFFIX)));
      // As text: what was read has numbers of other classes than what was made.
      return MAPPER.writeValueAsString(found).equals(MAPPER.writeValueAsString(expected))
          ? Optional.empty()
          : Optional.of("says something else than the daemon knows");
    } catch (NoSuchFileException e) {
      return Optional.of("is missing");
    } catch (JsonProcessingException damaged) {
      return Optional.of("is damaged: " + damaged.getOriginalMessage());
    }
  }

  /** Where the document of that name is, for people. */
  public String shown(String name) {
    return directory.getFileName() + "/" + name + SUFFIX;
  }

  /** Sets a document aside that is JSON but not what its owner needs it to be. */
  public void setAside(String name, String reason) throws IOException {
    setAside(directory.resolve(name + SUFFIX), reason);
  }

  private static void setAside(Path file, String reason) throws IOException {
    Files.move(
        file,
        file.resolveSibling(file.getFileName() + ".damaged"),
        StandardCopyOption.REPLACE_EXISTING);
    log.atWarn()
        .addKeyValue("file", file)
        .addKeyValue("reason", reason)
        .log("a damaged record was set aside");
  }

  /**
   * Writes a document of a new name. On failure there is none, so that nobody finds later what its
   * maker gave up.
   */
  public void add(String name, JsonNode document) throws IOException {
    try {
      write(name, document);
    } catch (IOException failed) {
      try {
        delete(name);
      } catch (IOException left) {
        failed.addSuppressed(left);
      }
      throw failed;
    }
  }

  /**
   * Writes a document, replacing the one of that name. On failure either of them is there, whole.
   */
  public void write(String name, JsonNode document) throws IOException {
    steps.reach(kind + " record to be written");
    Path temporary = directory.resolve(name + TEMPORARY);
    try {
      fill(temporary, MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(document));
      Files.move(temporary, directory.resolve(name + SUFFIX), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      Files.deleteIfExists(temporary);
      throw e;
    }
    sync();
    steps.reach(kind + " record written");
  }

  private static void fill(Path file, byte[] content) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
  }

  /** Deletes a document; deleting what is not there succeeds. */
  public void delete(String name) throws IOException {
    steps.reach(kind + " record to be removed");
    if (Files.deleteIfExists(directory.resolve(name + SUFFIX))) {
      sync();
    }
    steps.reach(kind + " record removed");
  }

  /** A new name, or the absence of one, is durable only once the directory is (fsync(2), notes). */
  private void sync() throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
