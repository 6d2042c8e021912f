package io.gantry.cri.spec;

import java.io.IOException;
import java.util.Optional;

/** Reads small files of a container's root filesystem before anything runs in it. */
@FunctionalInterface
public interface RootFiles {

  /**
   * The text of the regular file at {@code path}, which is absolute and resolved inside the root:
   * links lead nowhere else. Empty if there is no such file.
   *
   * @throws IOException if it cannot be read or is longer than the reader allows
   */
  Optional<String> read(String path) throws IOException;
}
