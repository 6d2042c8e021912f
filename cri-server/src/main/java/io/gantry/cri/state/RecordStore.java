package io.gantry.cri.state;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.cri.fault.FaultPoints;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory of records, each a JSON document named by its id. A record is there in full or not at
 * all, whenever the power goes: it is written beside its place, forced to the disk, and renamed.
 * Thread-safe for different ids; the owner of an id orders the writes of that id.
 *
 * @param <T> the record's type
 */
public final class RecordStore<T> {
  private static final Logger log = LoggerFactory.getLogger(RecordStore.class);

  private static final String SUFFIX = ".json";
  private static final String TEMPORARY_SUFFIX = ".tmp";
  private static final String SET_ASIDE = "set-aside";
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,200}");
  private static final FileAttribute<?> PRIVATE_DIRECTORY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
  private static final FileAttribute<?> PRIVATE_FILE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final Path directory;
  private final RecordFormat<T> format;
  private final FaultPoints faults;
  private final ObjectMapper json = new ObjectMapper();

  private RecordStore(Path directory, RecordFormat<T> format, FaultPoints faults) {
    this.directory = directory;
    this.format = format;
    this.faults = faults;
  }

  /**
   * Opens the store, making its directory if it is missing.
   *
   * @param faults passed before and after each write
   */
  public static <T> RecordStore<T> open(Path directory, RecordFormat<T> format, FaultPoints faults)
      throws IOException {
    Files.createDirectories(directory, PRIVATE_DIRECTORY);
    return new RecordStore<>(directory, format, faults);
  }

  /**
   * Reads all records, by id. What is torn, foreign or of a later version is moved into {@code
   * set-aside} with a warning: one bad file must not keep a node from starting.
   */
  public Map<String, T> load() throws IOException {
    Map<String, T> records = new TreeMap<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        if (name.endsWith(TEMPORARY_SUFFIX)) {
          Files.deleteIfExists(file); // A write that the last daemon did not finish.
        } else if (!name.equals(SET_ASIDE)) {
          load(file, name, records);
        }
      }
    }
    return records;
  }

  private void load(Path file, String name, Map<String, T> records) throws IOException {
    boolean foreign =
        !name.endsWith(SUFFIX) || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
    // Read apart from parsing: a record that cannot be read now is not therefore a bad one.
    byte[] bytes = foreign ? new byte[0] : Files.readAllBytes(file);
    try {
      if (foreign) {
        throw new IOException("not a record's file");
      }
      T record = read(json.readTree(bytes));
      records.put(name.substring(0, name.length() - SUFFIX.length()), record);
    } catch (IOException | RuntimeException e) {
      // Records check themselves; what they refuse is as foreign as what does not parse.
      setAside(file, name, e);
    }
  }

  private T read(JsonNode document) throws IOException {
    String kind = document.path("kind").asText();
    if (!kind.equals(format.kind())) {
      throw new IOException("holds kind \"%s\", not \"%s\"".formatted(kind, format.kind()));
    }
    int version = document.path("version").asInt();
    if (version < 1 || version > format.version()) {
      throw new IOException(
          "has version %d; this gantryd reads 1 to %d".formatted(version, format.version()));
    }
    return format.read(document.path("record"), version);
  }

  private void setAside(Path file, String name, Exception why) throws IOException {
    Path place = Files.createDirectories(directory.resolve(SET_ASIDE), PRIVATE_DIRECTORY);
    Path target = place.resolve(name);
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      target = place.resolve(name + "." + System.currentTimeMillis());
    }
    Files.move(file, target);
    log.atWarn()
        .addKeyValue("file", target)
        .addKeyValue("kind", format.kind())
        .addKeyValue("why", words(why))
        .log("record set aside");
  }

  /** A parser's message quotes the document, which is longer than a line and may hold secrets. */
  private static String words(Exception why) {
    return why instanceof JsonProcessingException parse ? parse.getOriginalMessage() : "" + why;
  }

  /**
   * Writes a record of a new id; durable on return. On failure there is none, so that nobody finds
   * later what its maker gave up.
   */
  public void add(String id, T record) throws IOException {
    try {
      put(id, record);
    } catch (IOException failed) {
      try {
        remove(id);
      } catch (IOException left) {
        failed.addSuppressed(left);
      }
      throw failed;
    }
  }

  /**
   * Writes a record in place of an older one of the same id; durable on return. On failure either
   * of them is there.
   */
  public void put(String id, T record) throws IOException {
    faults.reach(format.kind() + " record to be written");
    ObjectNode document = json.createObjectNode();
    document.put("kind", format.kind());
    document.put("version", format.version());
    document.set("record", format.write(record));
    byte[] bytes = json.writerWithDefaultPrettyPrinter().writeValueAsBytes(document);

    Path target = file(id);
    Path temporary = directory.resolve(target.getFileName() + TEMPORARY_SUFFIX);
    try {
      Files.deleteIfExists(temporary);
      Files.createFile(temporary, PRIVATE_FILE);
      try (FileChannel file = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
          file.write(buffer);
        }
        file.force(true);
      }
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      Files.deleteIfExists(temporary);
      throw e;
    }
    forceDirectory();
    faults.reach(format.kind() + " record written");
  }

  /** Removes a record; does nothing if it is not there. Durable on return. */
  public void remove(String id) throws IOException {
    faults.reach(format.kind() + " record to be removed");
    if (Files.deleteIfExists(file(id))) {
      forceDirectory();
    }
    faults.reach(format.kind() + " record removed");
  }

  private Path file(String id) {
    if (!ID.matcher(id).matches()) {
      throw new IllegalArgumentException("\"" + id + "\" cannot name a record");
    }
    return directory.resolve(id + SUFFIX);
  }

  private void forceDirectory() throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
