package io.gantry.docker.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Where gantry is installed.
 *
 * @param home the directory with bin and lib
 */
record Installation(Path home) {
  private static final String KEY = "version=";

  /** The launcher says where it is. */
  static Installation ofThisProgram() {
    String home = System.getProperty("gantry.home");
    if (home == null) {
      throw new IllegalStateException("start gantry by bin/gantry, which sets gantry.home");
    }
    return new Installation(Path.of(home));
  }

  /** The version of the build. */
  static String version() {
    try (InputStream file = Installation.class.getResourceAsStream("release.properties")) {
      String text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
      int begin = text.indexOf(KEY) + KEY.length();
      return text.substring(begin).lines().findFirst().orElse("").strip();
    } catch (IOException e) {
      throw new UncheckedIOException("read release.properties from gantry's own jar", e);
    }
  }
}
