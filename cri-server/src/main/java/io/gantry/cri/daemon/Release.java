package io.gantry.cri.daemon;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** Which gantry this is. */
public final class Release {
  private Release() {}

  /** The version of the build, as Maven knows it. */
  public static String version() {
    var properties = new Properties();
    try (InputStream file = Release.class.getResourceAsStream("release.properties")) {
      properties.load(file);
    } catch (IOException e) {
      throw new UncheckedIOException("read release.properties from gantry's own jar", e);
    }
    return properties.getProperty("version");
  }
}
