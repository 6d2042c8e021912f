package io.gantry.cri.checkpoint;

import io.gantry.cri.grpc.CriException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeSet;

/** What CheckpointPod and RestorePod are asked in the same way. */
final class PodOptions {
  private PodOptions() {}

  /** The CRI wants options that nobody knows refused; gantry has none. */
  static void requireNone(String asked, Map<String, String> options) {
    if (!options.isEmpty()) {
      throw CriException.invalid(
          "%s: there are no options named %s"
              .formatted(asked, String.join(", ", new TreeSet<>(options.keySet()))));
    }
  }

  /**
   * A directory that is there.
   *
   * @param field for messages
   */
  static Path directory(String field, String text) {
    Path directory;
    try {
      directory = Path.of(text);
    } catch (InvalidPathException e) {
      throw CriException.invalid(field + " is not a path: " + e.getReason());
    }
    if (!directory.isAbsolute() || !Files.isDirectory(directory)) {
      throw CriException.invalid(
          "%s \"%s\": an absolute path of an existing directory is needed".formatted(field, text));
    }
    return directory;
  }
}
