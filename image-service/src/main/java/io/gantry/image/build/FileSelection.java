package io.gantry.image.build;

import io.gantry.image.tree.MergedTree;
import io.gantry.image.tree.Node;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds what a source of COPY or ADD names. Confined to one thread. */
final class FileSelection {

  /**
   * A file or directory to be copied.
   *
   * @param path where it really is, no link among its components
   * @param name what it is called where it is copied into a directory
   * @param below the path to it that {@code --parents} keeps
   */
  record Selected(MergedTree tree, String path, String name, String below, Node node) {}

  private static final int MATCH_LIMIT = 100_000;

  private final MergedTree tree;

  FileSelection(MergedTree tree) {
    this.tree = tree;
  }

  /**
   * Everything that a source names, in the order of names.
   *
   * @param source as people write it
   * @throws BuildException if there is nothing
   */
  List<Selected> find(String source) throws IOException {
    String bytes = ByteNames.of(source);
    int pivot = bytes.startsWith("./") ? bytes.indexOf("/./", 2) : bytes.indexOf("/./");
    String before = pivot < 0 ? "" : ByteNames.clean(bytes.substring(0, pivot));
    String clean = ByteNames.clean(bytes);
    List<Selected> found = new ArrayList<>();
    if (PathPattern.isPattern(clean)) {
      match(clean, before, found);
    } else {
      follow(clean).ifPresent(one -> found.add(selected(one, clean, before)));
    }
    if (found.isEmpty()) {
      throw new BuildException(
          "\""
              + source
              + "\" is not there, or is left out by .dockerignore: no such file or directory");
    }
    return found;
  }

  private Selected selected(MergedTree.Found found, String asked, String before) {
    String below =
        before.isEmpty() || !asked.startsWith(before + "/")
            ? asked
            : asked.substring(before.length() + 1);
    return new Selected(tree, found.path(), ByteNames.base(asked), below, found.node());
  }

  private Optional<MergedTree.Found> follow(String path) throws IOException {
    if (tree.isEmpty()) {
      return Optional.empty();
    }
    return path.isEmpty() ? tree.find("") : tree.follow(path);
  }

  /** Matches component by component, {@code **} any number of them. */
  private void match(String pattern, String before, List<Selected> found) throws IOException {
    int wild = 0;
    String[] components = pattern.split("/");
    StringBuilder fixed = new StringBuilder();
    while (wild < components.length && !PathPattern.isPattern(components[wild])) {
      fixed.append(fixed.length() == 0 ? "" : "/").append(components[wild++]);
    }
    boolean deep = pattern.contains("**");
    PathPattern whole = compile(pattern);
    Optional<MergedTree.Found> start = follow(fixed.toString());
    if (start.isPresent() && start.get().node().isDirectory()) {
      walk(start.get().path(), fixed.toString(), components.length, deep, whole, before, found);
    }
  }

  private static PathPattern compile(String pattern) throws BuildException {
    try {
      return PathPattern.of(pattern);
    } catch (IllegalArgumentException e) {
      throw new BuildException(e.getMessage());
    }
  }

  private void walk(
      String real,
      String asked,
      int depth,
      boolean deep,
      PathPattern pattern,
      String before,
      List<Selected> found)
      throws IOException {
    int level = asked.isEmpty() ? 0 : asked.split("/").length;
    for (String name : tree.names(real)) {
      String path = ByteNames.join(asked, name);
      boolean matches = (deep || level + 1 == depth) && pattern.matches(path);
      Optional<MergedTree.Found> one = follow(ByteNames.join(real, name));
      if (one.isEmpty()) {
        continue; // A link that leads nowhere.
      }
      if (matches) {
        if (found.size() >= MATCH_LIMIT) {
          throw new BuildException("the pattern matches more than " + MATCH_LIMIT + " files");
        }
        found.add(selected(one.get(), path, before));
      } else if (one.get().path().equals(ByteNames.join(real, name))
          && one.get().node().isDirectory()
          && (deep || level + 1 < depth)) {
        walk(one.get().path(), path, depth, deep, pattern, before, found);
      }
    }
  }
}
