package io.gantry.runtime.criu;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What the standard streams of a saved process are called in its images, for others to be put in
 * their place. Kept in a file beside the images which runc writes and reads as well: a JSON array
 * of three texts.
 *
 * @param names of descriptors 0, 1 and 2: {@code pipe:[INODE]}, {@code file[MOUNT:INODE]}, or
 *     anything else for a stream that the images alone restore
 */
public record StreamNames(List<String> names) {
  private static final String FILE = "descriptors.json";
  private static final int LIMIT_BYTES = 64 << 10;

  public StreamNames {
    names = List.copyOf(names);
    if (names.size() != 3) {
      throw new IllegalArgumentException("not three standard streams: " + names);
    }
  }

  /** Whether a stream must be given another end when it is restored. */
  public boolean isOutside(int stream) {
    String name = names.get(stream);
    return name.startsWith("pipe:[") || isFile(stream);
  }

  /** Whether a stream is a file that was opened outside of the container. */
  public boolean isFile(int stream) {
    return names.get(stream).startsWith("file[");
  }

  public void write(Path images) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.writeStartArray();
      for (String name : names) {
        json.writeString(name);
      }
      json.writeEndArray();
    }
    Files.writeString(images.resolve(FILE), text.toString());
  }

  /**
   * @throws IOException also if there is no such file, or something else in it
   */
  public static StreamNames read(Path images) throws IOException {
    Path file = images.resolve(FILE);
    if (Files.size(file) > LIMIT_BYTES) {
      throw new IOException(file + " is larger than " + LIMIT_BYTES + " bytes");
    }
    List<String> names = new ArrayList<>();
    try (JsonParser json = new JsonFactory().createParser(Files.readAllBytes(file))) {
      boolean array = json.nextToken() == JsonToken.START_ARRAY;
      while (array && json.nextToken() == JsonToken.VALUE_STRING) {
        names.add(json.getText());
      }
      if (!array || json.currentToken() != JsonToken.END_ARRAY || names.size() != 3) {
        throw new IOException(file + " does not hold three texts");
      }
    }
    return new StreamNames(names);
  }
}
