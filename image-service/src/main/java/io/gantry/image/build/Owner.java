package io.gantry.image.build;

import io.gantry.image.tree.MergedTree;
import io.gantry.image.tree.Node;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Whom files are given to. */
record Owner(int uid, int gid) {
  static final Owner ROOT = new Owner(0, 0);

  private static final int FILE_LIMIT_BYTES = 4 << 20;
  private static final int ID_COLUMN = 2; // passwd(5), group(5)

  /**
   * Finds {@code user[:group]}, by names or numbers, in an image's files. Without a group it has
   * the user's number.
   *
   * @throws BuildException if a name is not known there
   */
  static Owner find(String words, MergedTree image) throws IOException {
    int colon = words.indexOf(':');
    String user = colon < 0 ? words : words.substring(0, colon);
    int uid = user.isEmpty() ? 0 : id(user, "etc/passwd", "user", image);
    String group = colon < 0 ? "" : words.substring(colon + 1);
    int gid = group.isEmpty() ? uid : id(group, "etc/group", "group", image);
    return new Owner(uid, gid);
  }

  private static int id(String name, String file, String kind, MergedTree image)
      throws IOException {
    if (name.matches("[0-9]{1,10}") && Long.parseLong(name) < 0xFFFF_FFFFL) {
      return (int) Long.parseLong(name);
    }
    for (String line : read(file, image).split("\n")) {
      String[] columns = line.split(":", -1);
      if (columns.length > ID_COLUMN
          && columns[0].equals(ByteNames.of(name))
          && columns[ID_COLUMN].matches("[0-9]{1,10}")) {
        return (int) Long.parseLong(columns[ID_COLUMN]);
      }
    }
    throw new BuildException("there is no " + kind + " \"" + name + "\" in the image's /" + file);
  }

  private static String read(String path, MergedTree image) throws IOException {
    if (image.isEmpty()) {
      return "";
    }
    Optional<MergedTree.Found> found = image.follow(path);
    if (found.isEmpty() || found.get().node().kind() != Node.Kind.REGULAR) {
      return "";
    }
    try (InputStream in = found.get().layer().read(found.get().path())) {
      return new String(in.readNBytes(FILE_LIMIT_BYTES), StandardCharsets.ISO_8859_1);
    }
  }
}
