package io.gantry.cri.systemd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.cri.dbus.DBusException;
import io.gantry.cri.dbus.Variant;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SystemdTest {
  private static final UnitPath UNIT = new UnitPath("/a.slice/b.scope");

  @TempDir Path directory;
  private FakeManager manager;
  private Systemd systemd;

  @BeforeEach
  void start() throws Exception {
    assumeTrue(FakeManager.isInstalled(), "python3-dbus, python3-gi or dbus-daemon is missing");
    manager = FakeManager.start(directory);
    systemd = new Systemd(directory.resolve("no-private-socket"), manager.socket());
  }

  @AfterEach
  void stop() throws Exception {
    if (manager != null) {
      systemd.close();
      manager.close();
    }
  }

  @Test
  void unit_isStartedChangedAndStopped() throws Exception {
    assertEquals("252 (fake)", systemd.version());
    systemd.start(
        UNIT,
        List.of(
            Property.text("Slice", "a.slice"),
            Property.flag("Delegate", true),
            Property.number("TasksMax", -1),
            new Property("PIDs", new Variant.Numbers(List.of(12, 13))),
            new Property("KillSignal", new Variant.Signed(9))));
    systemd.set(UNIT, List.of(Property.number("MemoryMax", 1 << 20)));
    systemd.attach(UNIT, List.of(14));
    systemd.stop(UNIT);
    systemd.stop(UNIT);

    assertEquals(
        List.of(
            "subscribe",
            "start b.scope fail Delegate=Boolean:1 KillSignal=Int32:9"
                + " PIDs=[UInt32:12 UInt32:13] Slice=String:a.slice"
                + " TasksMax=UInt64:18446744073709551615",
            "set b.scope True MemoryMax=UInt64:1048576",
            "attach b.scope [UInt32:14]",
            "stop b.scope replace"),
        manager.asked(5));
  }

  @Test
  void start_ofAUnitThatIsThereSaysSo() throws Exception {
    systemd.start(UNIT, List.of());
    DBusException refused = assertThrows(DBusException.class, () -> systemd.start(UNIT, List.of()));
    assertTrue(Systemd.isThereAlready(refused));
    systemd.resetFailed(UNIT);
    systemd.start(UNIT, List.of());
  }

  @Test
  void set_ofAUnitThatIsNotThereSaysSo() {
    DBusException refused = assertThrows(DBusException.class, () -> systemd.set(UNIT, List.of()));
    assertTrue(Systemd.isNotThere(refused));
  }

  @Test
  void job_thatFailsFailsTheStart() {
    IOException failure =
        assertThrows(
            IOException.class, () -> systemd.start(new UnitPath("/fails.scope"), List.of()));
    assertEquals(
        "start unit fails.scope: systemd's job ended as \"failed\"; see journalctl --unit"
            + " fails.scope",
        failure.getMessage());
  }

  @Test
  void connection_thatWasLostIsMadeAnew() throws Exception {
    systemd.start(UNIT, List.of());
    // What the lost connection's reader still has to say may come at any moment of the next call.
    for (int i = 0; i < 50; i++) {
      systemd.close();
      systemd.stop(UNIT);
      systemd.start(UNIT, List.of());
    }
    assertEquals("stop b.scope replace", manager.asked(4).get(3));
  }

  @Test
  void unreachable_namesBothSockets() {
    Systemd nowhere = new Systemd(directory.resolve("one"), directory.resolve("two"));
    IOException failure = assertThrows(IOException.class, nowhere::version);
    assertTrue(failure.getMessage().contains("/one"), failure.getMessage());
    assertTrue(failure.getMessage().contains("/two"), failure.getMessage());
  }
}
