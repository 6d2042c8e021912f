package io.gantry.cri.dbus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Talks to the reference implementation of a bus. */
class DBusDaemonTest {
  private static final Path PROGRAM = Path.of("/usr/bin/dbus-daemon");
  private static final String BUS = "org.freedesktop.DBus";
  private static final Duration LIMIT = Duration.ofSeconds(20);

  @TempDir Path directory;
  private Process daemon;
  private Path socket;
  private final BlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
  private final CountDownLatch ended = new CountDownLatch(1);

  @BeforeEach
  void start() throws Exception {
    assumeTrue(Files.isExecutable(PROGRAM), "dbus-daemon is not installed");
    socket = directory.resolve("bus");
    daemon =
        new ProcessBuilder(
                PROGRAM.toString(),
                "--session",
                "--nofork",
                "--nopidfile",
                "--print-address=1",
                "--address=unix:path=" + socket)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    BufferedReader said =
        new BufferedReader(
            new InputStreamReader(daemon.getInputStream(), StandardCharsets.US_ASCII));
    assertTrue(said.readLine().startsWith("unix:path="));
  }

  @AfterEach
  void stop() throws Exception {
    if (daemon != null) {
      daemon.destroyForcibly().waitFor();
    }
  }

  private DBusConnection connect() throws IOException, InterruptedException {
    DBusConnection connection =
        DBusConnection.open(
            socket,
            new DBusConnection.Listener() {
              @Override
              public void heard(Signal signal) {
                signals.add(signal);
              }

              @Override
              public void ended(IOException why) {
                ended.countDown();
              }
            });
    connection.call(method("Hello"), LIMIT);
    return connection;
  }

  private static Call method(String name) {
    return Call.plain(BUS, "/org/freedesktop/DBus", BUS, name);
  }

  private static Call named(String method, String signature, Encoder.Elements arguments) {
    return new Call(BUS, "/org/freedesktop/DBus", BUS, method, signature, arguments);
  }

  @Test
  void call_returnsWhatTheBusAnswers() throws Exception {
    try (DBusConnection connection = connect()) {
      List<?> names = (List<?>) connection.call(method("ListNames"), LIMIT).get(0);
      assertTrue(names.contains(BUS), names.toString());
      assertEquals(
          List.of(false),
          connection.call(named("NameHasOwner", "s", out -> out.string("a.b")), LIMIT));
      // Every basic type that is sent to systemd, in a dictionary of variants.
      assertEquals(
          List.of(),
          connection.call(
              named(
                  "UpdateActivationEnvironment",
                  "a{ss}",
                  out -> out.array(8, each -> each.struct().string("A").string("ä"))),
              LIMIT));
    }
  }

  @Test
  void call_thatIsRefusedNamesTheError() throws Exception {
    try (DBusConnection connection = connect()) {
      DBusException refused =
          assertThrows(DBusException.class, () -> connection.call(method("Nonsense"), LIMIT));
      assertEquals("org.freedesktop.DBus.Error.UnknownMethod", refused.name());
      assertTrue(refused.getMessage().contains("Nonsense"), refused.getMessage());
    }
  }

  @Test
  void signals_areHeard() throws Exception {
    try (DBusConnection connection = connect()) {
      connection.call(
          named("AddMatch", "s", out -> out.string("type='signal',member='NameOwnerChanged'")),
          LIMIT);
      try (DBusConnection other = connect()) {
        assertTrue(other.isOpen());
      }
      Signal signal = signals.poll(20, TimeUnit.SECONDS);
      while (signal != null && !signal.name().equals("NameOwnerChanged")) {
        signal = signals.poll(20, TimeUnit.SECONDS);
      }
      assertEquals("NameOwnerChanged", signal.name());
      assertEquals(3, signal.body().size());
    }
  }

  @Test
  void end_ofThePeerFailsCallsAtOnce() throws Exception {
    try (DBusConnection connection = connect()) {
      daemon.destroyForcibly().waitFor();
      assertTrue(ended.await(20, TimeUnit.SECONDS));
      assertFalse(connection.isOpen());
      IOException failure =
          assertThrows(IOException.class, () -> connection.call(method("ListNames"), LIMIT));
      assertTrue(failure.getMessage().contains(socket.toString()), failure.getMessage());
    }
  }
}
