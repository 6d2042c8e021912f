package io.gantry.image.content;

import io.gantry.image.reference.Digest;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is written down about an arriving blob: which of its chunks are on disk, each with a
 * checksum. A line is added when a chunk is whole and nothing is synced, since a note is believed
 * only as far as the bytes bear it out. Confined to its arrival's lock.
 */
final class Notes {

  private static final String SUFFIX = ".notes";
  private static final String FORM = "gantry-arrival 1";

  private final Path file;
  private final String head;

  private Notes(Path file, String head) {
    this.file = file;
    this.head = head;
  }

  static boolean isNotes(Path file) {
    return file.getFileName().toString().endsWith(SUFFIX);
  }

  static Path fileBeside(Path blob) {
    return blob.resolveSibling(blob.getFileName() + SUFFIX);
  }

  static Path blobBeside(Path notes) {
    String name = notes.getFileName().toString();
    return notes.resolveSibling(name.substring(0, name.length() - SUFFIX.length()));
  }

  static Notes of(Path blob, Digest digest, long sizeBytes) {
    return new Notes(
        fileBeside(blob), FORM + " " + digest + " " + sizeBytes + " " + Chunks.CHUNK_BYTES);
  }

  /**
   * The checksums of chunks by their numbers; none if the notes are of another blob or form. A line
   * that was torn, and what follows it, is left out.
   */
  Map<Integer, Long> read() throws IOException {
    Map<Integer, Long> sums = new LinkedHashMap<>();
    try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.US_ASCII)) {
      if (!head.equals(lines.readLine())) {
        return Map.of();
      }
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.matches("[0-9]{1,9} [0-9a-f]{8}")) {
          return sums;
        }
        int space = line.indexOf(' ');
        sums.put(
            Integer.parseInt(line.substring(0, space)),
            Long.parseLong(line.substring(space + 1), 16));
      }
      return sums;
    } catch (NoSuchFileException e) {
      return Map.of();
    } catch (CharacterCodingException e) {
      return sums;
    }
  }

  /** Begins anew with these. */
  void write(Map<Integer, Long> sums) throws IOException {
    StringBuilder text = new StringBuilder(head).append('\n');
    sums.forEach((chunk, sum) -> text.append(line(chunk, sum)));
    Files.writeString(file, text, StandardCharsets.US_ASCII);
  }

  void add(int chunk, long sum) throws IOException {
    Files.writeString(file, line(chunk, sum), StandardCharsets.US_ASCII, StandardOpenOption.APPEND);
  }

  private static String line(int chunk, long sum) {
    return chunk + " " + String.format("%08x", sum) + "\n";
  }

  void delete() throws IOException {
    Files.deleteIfExists(file);
  }
}
