package io.gantry.runtime.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("root")
class NamespacesTest {
  private final Linux linux = Linux.open();
  private final Namespaces namespaces = linux.namespaces();

  @BeforeEach
  void root() {
    assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
  }

  private long inode(Fd namespace) throws IOException {
    return linux.files().stat(namespace).inode();
  }

  @Test
  void createdNamespace_isNewAndTheThreadsOwnStays() throws Exception {
    for (NamespaceKind kind :
        List.of(NamespaceKind.NETWORK, NamespaceKind.IPC, NamespaceKind.UTS, NamespaceKind.MOUNT)) {
      try (Fd before = namespaces.current(kind);
          Fd created = namespaces.create(kind);
          Fd after = namespaces.current(kind)) {
        assertEquals(inode(before), inode(after), kind.toString());
        assertNotEquals(inode(before), inode(created), kind.toString());
      }
    }
  }

  @Test
  void pinnedNamespace_outlivesItsDescriptorAndIsUnpinned(@TempDir Path directory)
      throws Exception {
    String pin = directory.resolve("net").toString();
    long inode;
    try (Fd created = namespaces.create(NamespaceKind.NETWORK)) {
      inode = inode(created);
      namespaces.pin(created, pin);
    }
    try (Fd reopened = namespaces.open(pin, NamespaceKind.NETWORK)) {
      assertEquals(inode, inode(reopened));
    }
    LinuxException wrong =
        assertThrows(LinuxException.class, () -> namespaces.open(pin, NamespaceKind.UTS));
    assertEquals(Errno.EINVAL, wrong.errno());
    assertTrue(mounted(pin));

    namespaces.unpin(pin);
    assertFalse(mounted(pin));
    assertFalse(java.nio.file.Files.exists(Path.of(pin)));
    namespaces.unpin(pin);
  }

  private boolean mounted(String target) throws IOException {
    return linux.mounts().mountInfo().stream().anyMatch(m -> m.target().equals(target));
  }

  @Test
  void doublePin_isRefusedAndStacksAreUnpinned(@TempDir Path directory) throws Exception {
    String pin = directory.resolve("uts").toString();
    try (Fd created = namespaces.create(NamespaceKind.UTS)) {
      namespaces.pin(created, pin);
      assertThrows(LinuxException.class, () -> namespaces.pin(created, pin));
      linux.mounts().mount(pin, pin, null, MountFlags.MS_BIND, null);
    }
    namespaces.unpin(pin);
    assertFalse(mounted(pin));
  }

  @Test
  void failedPin_leavesNoFile(@TempDir Path directory) throws Exception {
    Path pin = directory.resolve("pin");
    try (Fd notANamespace =
        linux.files().open(Fd.CWD, "/proc/self/status", FileFlags.O_RDONLY, 0)) {
      Fd closed = namespaces.create(NamespaceKind.UTS);
      int number = closed.number();
      closed.close();
      Fd stale = Fd.borrowed(number);
      assertThrows(LinuxException.class, () -> namespaces.pin(stale, pin.toString()));
      assertTrue(notANamespace.number() > 2);
    }
    assertFalse(java.nio.file.Files.exists(pin));
  }

  @Test
  void visit_happensInsideAndEndsWithItsThread() throws Exception {
    try (Fd uts = namespaces.create(NamespaceKind.UTS)) {
      Set<Namespaces.Visit> there = Set.of(new Namespaces.Visit(uts, NamespaceKind.UTS));
      String home = hostname();
      namespaces.visit(
          there,
          () -> {
            namespaces.setHostname("away");
            return null;
          });
      assertEquals("away", namespaces.visit(there, this::hostname));
      assertEquals(home, hostname());
      IOException e =
          assertThrows(
              IOException.class,
              () ->
                  namespaces.visit(
                      there,
                      () -> {
                        throw new IOException("from inside");
                      }));
      assertEquals("from inside", e.getMessage());
    }
  }

  private String hostname() throws IOException {
    return linux.files().readText("/proc/sys/kernel/hostname").strip();
  }

  @Test
  void loopback_isBroughtUp() throws Exception {
    try (Fd network = namespaces.create(NamespaceKind.NETWORK)) {
      Set<Namespaces.Visit> there = Set.of(new Namespaces.Visit(network, NamespaceKind.NETWORK));
      linux.network().bringLoopbackUp(network);
      linux.network().bringLoopbackUp(network);
      // Without a route to it, a connection to the loopback fails as unreachable rather than
      // refused.
      String local =
          namespaces.visit(there, () -> linux.files().readText("/proc/thread-self/net/fib_trie"));
      assertTrue(local.contains("127.0.0.1"), local);
      List<Network.InterfaceCounters> counters = linux.network().counters(network);
      assertEquals(List.of("lo"), counters.stream().map(c -> c.name()).toList());
      assertTrue(
          linux.network().counters(linux.processes().pid()).stream()
              .anyMatch(c -> c.name().equals("lo")));
    }
  }

  @Test
  void mounts_madeInAVisitStayInside(@TempDir Path directory) throws Exception {
    String target = directory.toString();
    Mounts mounts = linux.mounts();
    try (Fd space = namespaces.create(NamespaceKind.MOUNT)) {
      namespaces.visit(
          Set.of(new Namespaces.Visit(space, NamespaceKind.MOUNT)),
          () -> {
            mounts.mount(null, "/", null, MountFlags.MS_REC | MountFlags.MS_PRIVATE, null);
            mounts.mount("a b", target, "tmpfs", MountFlags.MS_NOSUID, "size=64k,mode=0700");
            MountInfo made =
                mounts.mountInfo().stream()
                    .filter(m -> m.target().equals(target))
                    .findFirst()
                    .orElseThrow();
            assertEquals("tmpfs", made.type());
            assertEquals("a b", made.source());
            assertTrue(made.options().contains("nosuid"), made.options());
            assertFalse(made.isShared());
            try (Fd tree = mounts.openTree(Fd.CWD, target, MountFlags.OPEN_TREE_CLONE)) {
              mounts.setAttributes(
                  tree,
                  "",
                  FileFlags.AT_EMPTY_PATH,
                  new MountAttributes(MountFlags.MOUNT_ATTR_RDONLY, 0, 0));
              mounts.moveMount(tree, "", Fd.CWD, target, MountFlags.MOVE_MOUNT_F_EMPTY_PATH);
            }
            LinuxException e =
                assertThrows(
                    LinuxException.class, () -> linux.files().mkdirat(Fd.CWD, target + "/x", 0700));
            assertEquals(Errno.EROFS, e.errno());
            mounts.unmount(target, 0);
            linux.files().mkdirat(Fd.CWD, target + "/x", 0700);
            return null;
          });
      assertFalse(mounted(target));
    }
  }

  @Test
  void newMountCalls_reportTheKernelsWords(@TempDir Path directory) throws Exception {
    Mounts mounts = linux.mounts();
    try (Fd space = namespaces.create(NamespaceKind.MOUNT)) {
      namespaces.visit(
          Set.of(new Namespaces.Visit(space, NamespaceKind.MOUNT)),
          () -> {
            // Where systemd runs the host its root is shared, and a mount made here would appear
            // there.
            mounts.mount(null, "/", null, MountFlags.MS_REC | MountFlags.MS_PRIVATE, null);
            try (Fd context = mounts.openFileSystem("tmpfs")) {
              mounts.configure(context, "size", "64k");
              LinuxException e =
                  assertThrows(
                      LinuxException.class, () -> mounts.configure(context, "nonsense", "1"));
              assertEquals(Errno.EINVAL, e.errno());
              assertTrue(e.operation().contains("Unknown parameter 'nonsense'"), e.operation());
              mounts.createFileSystem(context);
              try (Fd mount = mounts.mountFileSystem(context, MountFlags.MOUNT_ATTR_NODEV)) {
                mounts.moveMount(
                    mount, "", Fd.CWD, directory.toString(), MountFlags.MOVE_MOUNT_F_EMPTY_PATH);
              }
            }
            assertEquals(FileSystemStatus.TMPFS, linux.files().statfs(directory.toString()).type());
            return null;
          });
    }
  }
}
