package io.gantry.docker.cli.archive;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** Writes files and directories of the user's into an archive. */
public final class FileTree {
  private static final String ATTRIBUTES = "unix:mode,size,lastModifiedTime";

  private final TarWriter archive;
  private final Wanted wanted;

  /** Decides by a path below the root. */
  public interface Wanted {
    /** Whether it goes into the archive. */
    boolean entry(String path);

    /** Whether anything below it may. */
    boolean below(String path);

    /** All of it. */
    static Wanted all() {
      return new Wanted() {
        @Override
        public boolean entry(String path) {
          return true;
        }

        @Override
        public boolean below(String path) {
          return true;
        }
      };
    }

    /** What matches, whatever is above it. */
    static Wanted matching(Predicate<String> paths) {
      return new Wanted() {
        @Override
        public boolean entry(String path) {
          return paths.test(path);
        }

        @Override
        public boolean below(String path) {
          return true;
        }
      };
    }
  }

  public FileTree(TarWriter archive, Wanted wanted) {
    this.archive = archive;
    this.wanted = wanted;
  }

  /**
   * Writes a file, or a directory with all that is in it.
   *
   * @param name of it in the archive; empty to leave the root itself out
   */
  public void add(Path root, String name) throws IOException {
    add(root, name, "");
  }

  private void add(Path file, String name, String relative) throws IOException {
    Map<String, Object> attributes =
        Files.readAttributes(file, ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
    int mode = (Integer) attributes.get("mode");
    long modified =
        ((java.nio.file.attribute.FileTime) attributes.get("lastModifiedTime")).toMillis() / 1000;
    boolean included = !name.isEmpty() && (relative.isEmpty() || wanted.entry(relative));
    if (Files.isSymbolicLink(file)) {
      if (included) {
        Optional<String> link = Optional.of(Files.readSymbolicLink(file).toString());
        archive.put(new TarEntry(name, TarEntry.Kind.SYMBOLIC_LINK, 0777, 0, modified, link));
      }
    } else if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
      if (included) {
        archive.put(
            new TarEntry(
                name, TarEntry.Kind.DIRECTORY, mode & 07777, 0, modified, Optional.empty()));
      }
      if (relative.isEmpty() || included || wanted.below(relative)) {
        for (Path child : children(file)) {
          String last = child.getFileName().toString();
          add(
              child,
              name.isEmpty() ? last : name + "/" + last,
              relative.isEmpty() ? last : relative + "/" + last);
        }
      }
    } else if (included && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      try (InputStream in = Files.newInputStream(file)) {
        archive.put(
            new TarEntry(
                name,
                TarEntry.Kind.FILE,
                mode & 07777,
                (Long) attributes.get("size"),
                modified,
                Optional.empty()),
            in);
      }
    }
  }

  /** In their order, so that the same tree makes the same archive. */
  private static List<Path> children(Path directory) throws IOException {
    List<Path> children = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
      all.forEach(children::add);
    }
    Collections.sort(children);
    return children;
  }
}
