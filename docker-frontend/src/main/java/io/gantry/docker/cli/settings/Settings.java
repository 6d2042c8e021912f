package io.gantry.docker.cli.settings;

import io.gantry.docker.cli.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Docker's config.json, read when something of it is needed. */
public final class Settings {
  private final Path directory;
  private Json document;

  /**
   * @param directory usually ~/.docker
   */
  public Settings(Path directory) {
    this.directory = directory;
  }

  public Path directory() {
    return directory;
  }

  public Path file() {
    return directory.resolve("config.json");
  }

  public Json document() throws IOException {
    if (document == null) {
      document = read();
    }
    return document;
  }

  private Json read() throws IOException {
    try {
      return Json.parse(Files.readString(file()));
    } catch (NoSuchFileException e) {
      return Json.object(Map.of());
    } catch (IOException e) {
      throw new IOException("read " + file() + ": " + e.getMessage(), e);
    }
  }

  /** A text that the user has chosen, such as psFormat. */
  public Optional<String> text(String key) throws IOException {
    String text = document().get(key).text();
    return text.isEmpty() ? Optional.empty() : Optional.of(text);
  }

  /** Changes one key, and leaves all others; what docker wrote stays as it is. */
  public void put(String key, Json value) throws IOException {
    Map<String, Json> fields = new TreeMap<>(document().fields());
    fields.put(key, value);
    document = Json.object(fields);
    Files.createDirectories(directory);
    Path made =
        Files.createTempFile(
            directory,
            ".config",
            ".json",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      Files.writeString(made, document.indented("\t") + "\n");
      Files.move(made, file(), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(made);
    }
  }
}
