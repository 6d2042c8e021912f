package io.gantry.image.check;

import java.util.Objects;
import java.util.Optional;

/**
 * One thing that is not as it should be.
 *
 * @param name its digest, chain id or record
 * @param problem in words
 * @param repair what was done about it, in words; nothing if nothing was
 * @param repaired whether it is as it should be now
 */
public record Finding(
    Kind kind, String name, String problem, Optional<String> repair, boolean repaired) {

  /** What sort of thing it is. */
  public enum Kind {
    BLOB,
    LAYER,
    RECORD
  }

  public Finding {
    Objects.requireNonNull(kind);
    Objects.requireNonNull(name);
    Objects.requireNonNull(problem);
    Objects.requireNonNull(repair);
  }

  /** One that nothing was done about. */
  public static Finding of(Kind kind, String name, String problem) {
    return new Finding(kind, name, problem, Optional.empty(), false);
  }

  /** The same, after something was done that has helped. */
  public Finding repairedBy(String what) {
    return new Finding(kind, name, problem, Optional.of(what), true);
  }

  /** The same, after something was tried in vain. */
  public Finding notRepaired(String why) {
    return new Finding(kind, name, problem, Optional.of(why), false);
  }
}
