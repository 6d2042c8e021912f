package io.gantry.runtime.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class NativeHostTest {
  private final Linux linux = Linux.open();

  @Test
  void hostName_isTheKernels() throws IOException {
    String name = java.nio.file.Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    assertEquals(name, linux.host().hostName());
  }

  @Test
  void sysctlName_isReadAsSysctl8Does() {
    assertEquals("/proc/sys/net/ipv4/ip_forward", NativeHost.sysctlPath("net.ipv4.ip_forward"));
    assertEquals("/proc/sys/net/ipv4/ip_forward", NativeHost.sysctlPath("net/ipv4/ip_forward"));
    assertEquals("/proc/sys/net/conf/eth0.1/x", NativeHost.sysctlPath("net/conf/eth0.1/x"));
    assertEquals("/proc/sys/net/conf/eth0.1/x", NativeHost.sysctlPath("net.conf.eth0/1.x"));
  }

  @Test
  void sysctlNameThatLeavesTheTree_isRefused() {
    for (String name : new String[] {"", "../x", "a/../b", "net..x", "/etc/passwd", "a.//..b"}) {
      assertThrows(IllegalArgumentException.class, () -> NativeHost.sysctlPath(name), name);
    }
  }

  @Test
  void unknownSysctl_isNamed() {
    LinuxException e =
        assertThrows(LinuxException.class, () -> linux.host().setSysctl("net.ipv4.no", "1"));
    assertEquals(Errno.ENOENT, e.errno());
    assertEquals("set sysctl net.ipv4.no to \"1\"", e.operation());
  }

  @Test
  @Tag("root")
  void sysctl_changesTheVisitedNamespaceOnly() throws IOException {
    Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
    Path file = Path.of("/proc/sys/net/ipv4/ip_unprivileged_port_start");
    String before = read(file);
    assertFalse(before.equals("77"));
    try (Fd network = linux.namespaces().create(NamespaceKind.NETWORK)) {
      String inside =
          linux
              .namespaces()
              .visit(
                  Set.of(new Namespaces.Visit(network, NamespaceKind.NETWORK)),
                  () -> {
                    linux.host().setSysctl("net.ipv4.ip_unprivileged_port_start", "77");
                    return read(file);
                  });
      assertEquals("77", inside);
    }
    assertEquals(before, read(file));
  }

  /** A sysctl is read whole by one read(2), or not at all: a second one finds the end. */
  private String read(Path file) throws IOException {
    byte[] buffer = new byte[256];
    try (Fd open = linux.files().open(Fd.CWD, file.toString(), FileFlags.O_RDONLY, 0)) {
      int length = linux.files().read(open, buffer, 0, buffer.length);
      return new String(buffer, 0, length, java.nio.charset.StandardCharsets.US_ASCII).strip();
    }
  }
}
