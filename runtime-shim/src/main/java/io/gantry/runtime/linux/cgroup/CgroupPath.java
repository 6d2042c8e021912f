package io.gantry.runtime.linux.cgroup;

import java.util.ArrayList;
import java.util.List;

/** Paths of cgroups: absolute, without empty, {@code .} or {@code ..} components. */
final class CgroupPath {
  /** The part of a cgroup where its keeper is, see {@link Cgroups#createKeeper}. */
  static final String KEEPER = "gantry-keeper";

  private CgroupPath() {}

  /**
   * The normal form of a path.
   *
   * @throws IllegalArgumentException if it climbs up or is in systemd's slice:prefix:name form
   */
  static String normalize(String path) {
    StringBuilder normal = new StringBuilder(path.length() + 1);
    int at = 0;
    while (at <= path.length()) {
      int end = path.indexOf('/', at);
      if (end < 0) {
        end = path.length();
      }
      String name = path.substring(at, end);
      if (name.equals("..") || name.indexOf('\n') >= 0) {
        throw new IllegalArgumentException("cgroup path \"" + path + "\" is not a plain path");
      }
      if (!name.isEmpty() && !name.equals(".")) {
        normal.append('/').append(name);
      }
      at = end + 1;
    }
    return normal.length() == 0 ? "/" : normal.toString();
  }

  /** Every cgroup on the way from the root, without the root itself, ending with the path. */
  static List<String> ancestry(String path) {
    List<String> all = new ArrayList<>();
    for (int at = path.indexOf('/', 1); at > 0; at = path.indexOf('/', at + 1)) {
      all.add(path.substring(0, at));
    }
    if (!path.equals("/")) {
      all.add(path);
    }
    return all;
  }
}
