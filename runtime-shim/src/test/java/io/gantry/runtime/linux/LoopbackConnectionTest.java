package io.gantry.runtime.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class LoopbackConnectionTest {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Linux linux = Linux.open();

  @Test
  void connection_reachesAListenerOnIpv4() throws Exception {
    try (ServerSocket listener = listen("127.0.0.1");
        Fd socket = connect(Optional.empty(), listener.getLocalPort());
        Socket accepted = listener.accept()) {
      assertEquals("127.0.0.1", accepted.getInetAddress().getHostAddress());
      assertReadable(socket, accepted);
    }
  }

  @Test
  void connection_fallsBackToIpv6() throws Exception {
    try (ServerSocket listener = listen("::1");
        Fd socket = connect(Optional.empty(), listener.getLocalPort());
        Socket accepted = listener.accept()) {
      assertReadable(socket, accepted);
    }
  }

  @Test
  void connection_tellsOfIpv4WhenNobodyListens() throws Exception {
    int port;
    try (ServerSocket listener = listen("127.0.0.1")) {
      port = listener.getLocalPort();
    }

    LinuxException refused =
        assertThrows(LinuxException.class, () -> connect(Optional.empty(), port));

    assertEquals(Errno.ECONNREFUSED, refused.errno());
    assertEquals(1, refused.getSuppressed().length);
  }

  @Test
  void connection_refusesWhatIsNoPort() {
    assertThrows(IllegalArgumentException.class, () -> connect(Optional.empty(), 0));
    assertThrows(IllegalArgumentException.class, () -> connect(Optional.empty(), 65536));
  }

  @Test
  @Tag("root")
  void connection_entersTheNamespace() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
    try (Fd namespace = linux.namespaces().create(NamespaceKind.NETWORK)) {
      linux.network().bringLoopbackUp(namespace);
      Namespaces.Visit visit = new Namespaces.Visit(namespace, NamespaceKind.NETWORK);
      try (ServerSocket inside =
              linux.namespaces().visit(Set.of(visit), () -> listen("127.0.0.1"));
          Fd socket = connect(Optional.of(namespace), inside.getLocalPort());
          Socket accepted = inside.accept()) {
        assertReadable(socket, accepted);
        assertThrows(LinuxException.class, () -> connect(Optional.empty(), inside.getLocalPort()));
      }
    }
  }

  private Fd connect(Optional<Fd> namespace, int port) throws IOException {
    return linux.network().connectToLoopback(namespace, port, PATIENCE);
  }

  private static ServerSocket listen(String address) throws IOException {
    return new ServerSocket(0, 5, InetAddress.getByName(address));
  }

  /** The descriptor has what the other side wrote, and does not block when there is no more. */
  private void assertReadable(Fd socket, Socket accepted) throws IOException {
    LinuxException empty =
        assertThrows(LinuxException.class, () -> linux.files().read(socket, new byte[1], 0, 1));
    assertEquals(Errno.EAGAIN, empty.errno());
    accepted.getOutputStream().write(7);
    byte[] one = new byte[1];
    assertEquals(1, linux.files().read(socket, one, 0, 1));
    assertEquals(7, one[0]);
  }
}
