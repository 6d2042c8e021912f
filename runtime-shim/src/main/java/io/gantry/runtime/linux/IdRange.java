package io.gantry.runtime.linux;

import java.util.List;
import java.util.OptionalLong;

/**
 * A range of user or group ids of a user namespace and the ids outside that they stand for
 * (user_namespaces(7)).
 *
 * @param inside the first id inside
 * @param outside the first id outside
 * @param count how many, at least 1
 */
public record IdRange(long inside, long outside, long count) {
  /** Ids are 32 bits, and the highest stands for none. */
  private static final long END = 0xFFFF_FFFFL;

  public IdRange {
    boolean fits =
        inside >= 0
            && outside >= 0
            && count > 0
            && count <= END
            && inside + count <= END
            && outside + count <= END;
    if (!fits) {
      throw new IllegalArgumentException(
          "id mapping " + inside + " to " + outside + ", " + count + " ids: out of range");
    }
  }

  /** The id outside for one inside; empty if none of the ranges holds it. */
  public static OptionalLong outside(List<IdRange> ranges, long id) {
    for (IdRange range : ranges) {
      if (id >= range.inside && id - range.inside < range.count) {
        return OptionalLong.of(range.outside + (id - range.inside));
      }
    }
    return OptionalLong.empty();
  }

  /** The text of /proc/PID/uid_map for these ranges. */
  public static String mapText(List<IdRange> ranges) {
    StringBuilder text = new StringBuilder();
    for (IdRange range : ranges) {
      text.append(range.inside).append(' ').append(range.outside).append(' ');
      text.append(range.count).append('\n');
    }
    return text.toString();
  }
}
