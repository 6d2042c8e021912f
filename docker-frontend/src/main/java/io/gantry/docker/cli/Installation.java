package io.gantry.docker.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Properties;

/**
 * Where gantry is installed.
 *
 * @param home the directory with bin and lib
 */
record Installation(Path home) {

  /** This program's jar lies in lib, beside bin. */
  static Installation ofThisProgram() {
    try {
      Path jar =
          Path.of(Installation.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      return new Installation(jar.getParent().getParent());
    } catch (URISyntaxException e) {
      throw new IllegalStateException("the place of gantry's own jar is no path", e);
    }
  }

  /** The daemon that came with this program. */
  Path gantryd() {
    return home.resolve("bin").resolve("gantryd");
  }

  /** The version of the build. */
  static String version() {
    var properties = new Properties();
    try (InputStream file = Installation.class.getResourceAsStream("release.properties")) {
      properties.load(file);
    } catch (IOException e) {
      throw new UncheckedIOException("read release.properties from gantry's own jar", e);
    }
    return properties.getProperty("version");
  }
}
