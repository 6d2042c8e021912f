package io.gantry.runtime.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeFilesTest {
  private final Linux linux = Linux.open();
  private final Files files = linux.files();

  @TempDir Path temporary;
  private Fd dir;

  @BeforeEach
  void openDirectory() throws Exception {
    dir = files.open(Fd.CWD, temporary.toString(), FileFlags.O_RDONLY | FileFlags.O_DIRECTORY, 0);
  }

  @AfterEach
  void closeDirectory() {
    dir.close();
  }

  @Test
  void failure_namesOperationPathAndErrno() {
    LinuxException e =
        assertThrows(LinuxException.class, () -> files.open(Fd.CWD, "/no/such/file", 0, 0));
    assertEquals(Errno.ENOENT, e.errno());
    assertEquals("open /no/such/file", e.operation());
    assertEquals("open /no/such/file: ENOENT (no such file or directory)", e.getMessage());
  }

  @Test
  void writtenBytes_areReadBack() throws Exception {
    byte[] data = new byte[200_000];
    new java.util.Random(1).nextBytes(data);
    try (Fd file = files.open(dir, "f", FileFlags.O_RDWR | FileFlags.O_CREAT, 0600)) {
      files.writeFully(file, data);
      files.fsync(file);
      files.fdatasync(file);
      files.syncfs(file);
    }
    byte[] back = new byte[data.length];
    int length = 0;
    try (Fd file = files.open(dir, "f", FileFlags.O_RDONLY, 0)) {
      while (true) {
        int part = files.read(file, back, length, back.length - length);
        length += part;
        if (part == 0) {
          break;
        }
      }
      assertEquals(data.length, files.stat(file).sizeBytes());
    }
    assertArrayEquals(data, back);
  }

  @Test
  void descriptors_areCloseOnExec() throws Exception {
    assertEquals(FileFlags.FD_CLOEXEC, files.fcntl(dir, FileFlags.F_GETFD, 0));
    try (Pipe pipe = files.pipe2(0);
        Fd copy = files.duplicate(dir);
        Fd memory = files.memfd("x", 0)) {
      assertEquals(1, files.fcntl(pipe.readEnd(), FileFlags.F_GETFD, 0));
      assertEquals(1, files.fcntl(pipe.writeEnd(), FileFlags.F_GETFD, 0));
      assertEquals(1, files.fcntl(copy, FileFlags.F_GETFD, 0));
      assertEquals(1, files.fcntl(memory, FileFlags.F_GETFD, 0));
    }
  }

  @Test
  void metadata_isSetAndRead() throws Exception {
    files.mkdirat(dir, "d", 0700);
    files.symlinkat("target", dir, "l");
    files.fchmodat(dir, "d", 01777);
    files.utimensat(
        dir,
        "l",
        new FileTime(-5, 7),
        new FileTime(1_000_000_000L, 999_999_999),
        FileFlags.AT_SYMLINK_NOFOLLOW);

    FileStatus directory = files.stat(dir, "d", 0);
    FileStatus link = files.stat(dir, "l", FileFlags.AT_SYMLINK_NOFOLLOW);

    assertTrue(directory.isDirectory());
    assertEquals(01777, directory.permissions());
    assertTrue(link.isSymbolicLink());
    assertEquals(new FileTime(1_000_000_000L, 999_999_999), link.modified());
    assertEquals(new FileTime(-5, 7), link.accessed());
    assertEquals("target", files.readlinkat(dir, "l"));
  }

  @Test
  @Tag("root")
  void root_makesDevicesAndGivesFilesAway() throws Exception {
    assumeTrue(linux.processes().pid() > 0 && isRoot(), "needs root");
    files.mknodat(dir, "null", FileFlags.S_IFCHR | 0666, new DeviceNumber(1, 3));
    files.mknodat(dir, "big", FileFlags.S_IFBLK | 0600, new DeviceNumber(259, 300_000));
    files.mknodat(dir, "fifo", FileFlags.S_IFIFO | 0600, DeviceNumber.NONE);
    files.fchownat(dir, "null", 1234, 4_000_000, FileFlags.AT_SYMLINK_NOFOLLOW);
    files.fchownat(dir, "fifo", -1, 77, 0);

    FileStatus nothing = files.stat(dir, "null", 0);
    assertEquals(new DeviceNumber(1, 3), nothing.special());
    assertEquals(1234, nothing.uid());
    assertEquals(4_000_000, nothing.gid());
    assertEquals(new DeviceNumber(259, 300_000), files.stat(dir, "big", 0).special());
    assertEquals(0, files.stat(dir, "fifo", 0).uid());
    assertEquals(77, files.stat(dir, "fifo", 0).gid());
  }

  private static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  @Test
  void names_areListedLinkedRenamedAndRemoved() throws Exception {
    files.open(dir, "a", FileFlags.O_CREAT | FileFlags.O_WRONLY, 0600).close();
    files.linkat(dir, "a", dir, "b", 0);
    files.renameat(dir, "b", dir, "c", FileFlags.RENAME_NOREPLACE);
    assertEquals(2, files.stat(dir, "c", 0).links());
    assertEquals(Set.of("a", "c"), Set.copyOf(files.list(dir)));
    assertEquals(2, files.list(dir).size(), "a second listing starts anew");

    LinuxException e =
        assertThrows(
            LinuxException.class,
            () -> files.renameat(dir, "a", dir, "c", FileFlags.RENAME_NOREPLACE));
    assertEquals(Errno.EEXIST, e.errno());

    files.mkdirat(dir, "d", 0700);
    files.unlinkat(dir, "d", FileFlags.AT_REMOVEDIR);
    files.unlinkat(dir, "a", 0);
    files.unlinkat(dir, "c", 0);
    assertEquals(Set.of(), Set.copyOf(files.list(dir)));
  }

  @Test
  void aNameThatIsNotUtf8_survives() throws Exception {
    String name = NativeText.decode(new byte[] {'a', (byte) 0xff, (byte) 0xc3});
    files.open(dir, name, FileFlags.O_CREAT | FileFlags.O_WRONLY, 0600).close();
    assertEquals(Set.of(name), Set.copyOf(files.list(dir)));
    files.unlinkat(dir, name, 0);
  }

  @Test
  void manyNames_areAllListed() throws Exception {
    for (int i = 0; i < 3000; i++) {
      files.symlinkat("x", dir, "a-rather-long-name-for-an-entry-" + i);
    }
    assertEquals(3000, Set.copyOf(files.list(dir)).size());
  }

  @Test
  @Tag("root")
  void attributes_ofFilesLinksAndPathDescriptors() throws Exception {
    assumeTrue(isRoot(), "trusted.* needs root");
    byte[] large = new byte[4000];
    large[3999] = 9;
    files.symlinkat("nowhere", dir, "l");
    files.mkdirat(dir, "d", 0700);
    try {
      files.setxattr(dir, "l", "trusted.a", new byte[] {1, 0, 2}, 0);
    } catch (LinuxException e) {
      assumeTrue(e.errno() != Errno.EOPNOTSUPP, "the filesystem has no attributes");
      throw e;
    }
    assertArrayEquals(new byte[] {1, 0, 2}, files.getxattr(dir, "l", "trusted.a"));

    try (Fd inner = files.open(dir, "d", FileFlags.O_PATH, 0)) {
      files.setxattr(inner, "", "trusted.large", new byte[] {5}, FileFlags.XATTR_CREATE);
      assertEquals(java.util.List.of("trusted.large"), files.listxattr(inner, ""));
      assertArrayEquals(new byte[] {5}, files.getxattr(dir, "d", "trusted.large"));
      files.removexattr(inner, "", "trusted.large");
      LinuxException e =
          assertThrows(LinuxException.class, () -> files.getxattr(inner, "", "trusted.large"));
      assertEquals(Errno.ENODATA, e.errno());
    }
  }

  @Test
  void statfs_tellsTheFilesystem() throws Exception {
    assertEquals(FileSystemStatus.PROC, files.statfs("/proc").type());
    FileSystemStatus here = files.fstatfs(dir);
    assertTrue(here.blockSizeBytes() >= 512 && here.blocks() >= here.freeBlocks());
  }

  @Test
  void splice_movesThroughAPipe() throws Exception {
    byte[] text = "through the pipe".getBytes(StandardCharsets.UTF_8);
    try (Pipe pipe = files.pipe2(0);
        Fd out = files.open(dir, "out", FileFlags.O_RDWR | FileFlags.O_CREAT, 0600)) {
      files.writeFully(pipe.writeEnd(), text);
      assertEquals(text.length, files.splice(pipe.readEnd(), out, 1 << 16, 0));
    }
    assertArrayEquals(text, java.nio.file.Files.readAllBytes(temporary.resolve("out")));
  }

  @Test
  void nonBlockingRead_ofAnEmptyPipeSaysAgain() throws Exception {
    try (Pipe pipe = files.pipe2(FileFlags.O_NONBLOCK)) {
      LinuxException e =
          assertThrows(LinuxException.class, () -> files.read(pipe.readEnd(), new byte[1], 0, 1));
      assertEquals(Errno.EAGAIN, e.errno());
    }
  }

  @Test
  void flock_refusesASecondHolder() throws Exception {
    try (Fd one = files.open(dir, "lock", FileFlags.O_RDWR | FileFlags.O_CREAT, 0600);
        Fd two = files.open(dir, "lock", FileFlags.O_RDWR, 0)) {
      files.flock(one, FileFlags.LOCK_EX);
      LinuxException e =
          assertThrows(
              LinuxException.class, () -> files.flock(two, FileFlags.LOCK_EX | FileFlags.LOCK_NB));
      assertEquals(Errno.EAGAIN, e.errno());
    }
  }

  @Test
  void aPathWithAZeroByte_isRefused() {
    assertThrows(IllegalArgumentException.class, () -> files.open(dir, "a\0b", 0, 0));
  }

  @Test
  void aClosedDescriptor_isNotUsedAgain() throws Exception {
    Fd file = files.open(dir, "f", FileFlags.O_CREAT | FileFlags.O_WRONLY, 0600);
    file.close();
    file.close();
    assertTrue(file.isClosed());
    assertThrows(IllegalStateException.class, () -> files.fsync(file));
    assertFalse(dir.isClosed());
  }
}
