package io.gantry.runtime.criu;

import java.util.List;
import java.util.OptionalLong;

/**
 * How CRIU is run.
 *
 * @param program a path, or a name that is searched for in {@link #SEARCH_PATH}
 * @param timeoutMillis when to give up; absent means never
 */
public record CriuSettings(String program, OptionalLong timeoutMillis) {
  /** CRIU calls tar for the content of tmpfs, so this is also its own PATH. */
  public static final List<String> SEARCH_PATH =
      List.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin");

  public static final CriuSettings DEFAULT = new CriuSettings("criu", OptionalLong.empty());

  public CriuSettings {
    if (program.isEmpty() || timeoutMillis.isPresent() && timeoutMillis.getAsLong() <= 0) {
      throw new IllegalArgumentException("criu \"" + program + "\", time-out " + timeoutMillis);
    }
  }
}
