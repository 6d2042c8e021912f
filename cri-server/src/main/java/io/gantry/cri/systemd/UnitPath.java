package io.gantry.cri.systemd;

/**
 * The cgroup of a unit. A slice's name holds those of the slices above it (systemd.slice(5)):
 * {@code a-b.slice} is the cgroup {@code /a.slice/a-b.slice}.
 *
 * @param path from the root of the cgroup tree
 */
public record UnitPath(String path) {
  private static final String SLICE = ".slice";
  private static final String SCOPE = ".scope";

  /** systemd's limit for a unit's name, see UNIT_NAME_MAX; the file system's for its directory. */
  private static final int MAX_NAME = 255;

  /** Whether a cgroup of this path would be a unit that systemd makes when asked. */
  public static boolean isUnit(String cgroup) {
    return cgroup.endsWith(SCOPE) || cgroup.endsWith(SLICE);
  }

  /**
   * A slice by its name, or by its path, of which only the name counts.
   *
   * @throws IllegalArgumentException if that is no slice's name
   */
  public static UnitPath slice(String nameOrPath) {
    String name = nameOrPath.substring(nameOrPath.lastIndexOf('/') + 1);
    if (!name.endsWith(SLICE) || name.length() > MAX_NAME) {
      throw noSlice(name);
    }
    String words = name.substring(0, name.length() - SLICE.length());
    if (words.equals("-")) {
      return new UnitPath("/");
    }
    StringBuilder path = new StringBuilder();
    int end = 0;
    while (end < words.length()) {
      int dash = words.indexOf('-', end);
      int next = dash < 0 ? words.length() : dash;
      if (next == end || dash == words.length() - 1) {
        throw noSlice(name);
      }
      path.append('/').append(words, 0, next).append(SLICE);
      end = next + 1;
    }
    if (path.length() == 0 || !words.chars().allMatch(UnitPath::isOfNames)) {
      throw noSlice(name);
    }
    return new UnitPath(path.toString());
  }

  private static IllegalArgumentException noSlice(String name) {
    return new IllegalArgumentException("\"" + name + "\" is not the name of a systemd slice");
  }

  /** systemd.unit(5), "String Escaping": what names of units are made of. */
  private static boolean isOfNames(int c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || ":-_.\\".indexOf(c) >= 0;
  }

  /** The unit's own name. */
  public String name() {
    return path.equals("/") ? "-" + SLICE : path.substring(path.lastIndexOf('/') + 1);
  }

  public boolean isSlice() {
    return !path.endsWith(SCOPE);
  }

  /** The unit that this one is in. */
  public UnitPath parent() {
    int end = path.lastIndexOf('/');
    return new UnitPath(end <= 0 ? "/" : path.substring(0, end));
  }

  /** A scope in this slice. */
  public UnitPath scope(String name) {
    return new UnitPath((path.equals("/") ? "" : path) + "/" + name + SCOPE);
  }

  @Override
  public String toString() {
    return name();
  }
}
