package io.gantry.docker.cli.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveTest {
  @TempDir private Path directory;

  private byte[] archive(Path tree, String name) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (TarWriter archive = new TarWriter(out)) {
      new FileTree(archive, FileTree.Wanted.all()).add(tree, name);
    }
    return out.toByteArray();
  }

  private static byte[] archive(TarEntry... entries) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (TarWriter archive = new TarWriter(out)) {
      for (TarEntry entry : entries) {
        if (entry.kind() == TarEntry.Kind.FILE) {
          archive.put(entry, new ByteArrayInputStream(new byte[(int) entry.size()]));
        } else {
          archive.put(entry);
        }
      }
    }
    return out.toByteArray();
  }

  @Test
  void tree_comesOutAsItWentIn() throws IOException {
    Path tree = Files.createDirectory(directory.resolve("tree"));
    String longName = "n".repeat(120) + "é";
    Files.writeString(tree.resolve(longName), "long");
    Files.writeString(tree.resolve("run"), "x".repeat(1000));
    Files.setPosixFilePermissions(
        tree.resolve("run"), PosixFilePermissions.fromString("rwxr-x--x"));
    Files.createDirectories(tree.resolve("a/b"));
    Files.createSymbolicLink(tree.resolve("a/link"), Path.of("../run"));
    Path target = Files.createDirectory(directory.resolve("target"));

    long bytes =
        new Extraction(target).unpack(new ByteArrayInputStream(archive(tree, "t")), "t", "other");

    Path other = target.resolve("other");
    assertEquals(1004, bytes);
    assertEquals("long", Files.readString(other.resolve(longName)));
    assertEquals(
        "rwxr-x--x",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(other.resolve("run"))));
    assertTrue(Files.isDirectory(other.resolve("a/b")));
    assertEquals(Path.of("../run"), Files.readSymbolicLink(other.resolve("a/link")));
  }

  @Test
  void namesThatLeadOut_areRefused() throws IOException {
    byte[] hostile =
        archive(new TarEntry("r/../../evil", TarEntry.Kind.FILE, 0644, 1, 0, Optional.empty()));
    Path target = Files.createDirectory(directory.resolve("target"));

    assertThrows(
        IOException.class,
        () -> new Extraction(target).unpack(new ByteArrayInputStream(hostile), "r", "r"));
    assertFalse(Files.exists(directory.resolve("evil")));
  }

  @Test
  void filesBelowLinks_areRefused() throws IOException {
    Path outside = Files.createDirectory(directory.resolve("outside"));
    byte[] hostile =
        archive(
            new TarEntry(
                "r/link", TarEntry.Kind.SYMBOLIC_LINK, 0777, 0, 0, Optional.of(outside.toString())),
            new TarEntry("r/link/evil", TarEntry.Kind.FILE, 0644, 1, 0, Optional.empty()));
    Path target = Files.createDirectory(directory.resolve("target"));

    assertThrows(
        IOException.class,
        () -> new Extraction(target).unpack(new ByteArrayInputStream(hostile), "r", "r"));
    assertFalse(Files.exists(outside.resolve("evil")));
  }

  @Test
  void aFileInThePlaceOfALink_replacesTheLink() throws IOException {
    Path victim = Files.writeString(directory.resolve("victim"), "mine");
    Path target = Files.createDirectory(directory.resolve("target"));
    Files.createSymbolicLink(target.resolve("f"), victim);
    byte[] archive = archive(new TarEntry("f", TarEntry.Kind.FILE, 0644, 3, 0, Optional.empty()));

    new Extraction(target).unpack(new ByteArrayInputStream(archive), "f", "f");

    assertEquals("mine", Files.readString(victim, StandardCharsets.UTF_8));
    assertTrue(Files.isRegularFile(target.resolve("f"), LinkOption.NOFOLLOW_LINKS));
  }
}
