package io.gantry.docker.cli.archive;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;

/**
 * Puts an archive's entries below a directory. A container may have made the archive: its names
 * lead nowhere else, and links that it holds are never followed.
 */
public final class Extraction {
  private final Path directory;

  public Extraction(Path directory) {
    this.directory = directory;
  }

  /**
   * Puts all of it there.
   *
   * @param root the first name of each entry, which gives way
   * @param name in its place; empty for none
   * @return the bytes of all files
   */
  public long unpack(InputStream in, String root, String name) throws IOException {
    TarReader archive = new TarReader(in);
    long bytes = 0;
    for (var next = archive.next(); next.isPresent(); next = archive.next()) {
      TarEntry entry = next.get();
      String renamed = renamed(entry.name(), root, name);
      if (!renamed.isEmpty()) {
        TarEntry target = entry.named(renamed);
        if (entry.kind() == TarEntry.Kind.HARD_LINK) {
          link(target, renamed(entry.link().orElse(""), root, name));
        } else {
          put(target, archive);
        }
        bytes += entry.size();
      }
    }
    return bytes;
  }

  private static String renamed(String path, String root, String name) {
    String bare = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    bare = bare.startsWith("./") ? bare.substring(2) : bare;
    if (bare.equals(root) || bare.equals(".")) {
      return name;
    }
    String rest = bare.startsWith(root + "/") ? bare.substring(root.length() + 1) : bare;
    return name.isEmpty() ? rest : name + "/" + rest;
  }

  private void put(TarEntry entry, TarReader archive) throws IOException {
    Path target = place(entry.name());
    switch (entry.kind()) {
      case DIRECTORY -> {
        if (!Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
          Files.deleteIfExists(target);
          Files.createDirectories(target);
        }
        Files.setPosixFilePermissions(target, permissions(entry.mode() | 0700));
      }
      case SYMBOLIC_LINK -> {
        remove(target);
        Files.createSymbolicLink(target, Path.of(entry.link().orElse("")));
      }
      case FILE -> {
        remove(target);
        try (OutputStream out = Files.newOutputStream(target)) {
          archive.copyTo(out);
        }
        Files.setPosixFilePermissions(target, permissions(entry.mode()));
        Files.setLastModifiedTime(target, FileTime.fromMillis(entry.modifiedSeconds() * 1000));
      }
      default -> {} // devices and pipes mean something in their container only
    }
  }

  private void link(TarEntry entry, String to) throws IOException {
    Path target = place(entry.name());
    remove(target);
    Files.createLink(target, place(to));
  }

  private static void remove(Path target) throws IOException {
    if (Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException("cannot overwrite the directory " + target + " with a file");
    }
    Files.deleteIfExists(target);
  }

  private Path place(String name) throws IOException {
    Path at = directory;
    String[] names = name.split("/");
    for (int i = 0; i < names.length; i++) {
      if (names[i].equals("..")) {
        throw new IOException("the archive holds a name that leads out of it: " + name);
      }
      if (names[i].isEmpty() || names[i].equals(".")) {
        continue;
      }
      at = at.resolve(names[i]);
      if (i < names.length - 1 && Files.isSymbolicLink(at)) {
        throw new IOException("the archive holds a file below a link: " + name);
      }
    }
    if (at.equals(directory)) {
      throw new IOException("the archive holds an entry without a name");
    }
    Files.createDirectories(at.getParent());
    return at;
  }

  private static Set<PosixFilePermission> permissions(int mode) {
    Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
    PosixFilePermission[] all = PosixFilePermission.values(); // from the owner's read on
    for (int i = 0; i < all.length; i++) {
      if ((mode & 0400 >> i) != 0) {
        permissions.add(all[i]);
      }
    }
    return permissions;
  }
}
