package io.gantry.image.dockerfile;

import java.util.Optional;

/** Values by name, while an instruction is carried out. */
public interface Variables {
  /** Nothing for a variable that is not set. */
  Optional<String> get(String name);
}
