package io.gantry.cri.systemd;

import io.gantry.cri.dbus.Call;
import io.gantry.cri.dbus.DBusConnection;
import io.gantry.cri.dbus.DBusException;
import io.gantry.cri.dbus.Encoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * systemd's manager, org.freedesktop.systemd1(5). Thread-safe. A lost connection (systemd was
 * re-executed, say) is made anew by the next call.
 *
 * <p>systemd's own socket goes before the bus, as for systemctl(1) when root calls it: it needs no
 * dbus-daemon and knows no quota of connections.
 */
public final class Systemd implements AutoCloseable {
  private static final String NAME = "org.freedesktop.systemd1";
  private static final String PATH = "/org/freedesktop/systemd1";
  private static final String MANAGER = NAME + ".Manager";
  private static final String BUS = "org.freedesktop.DBus";
  private static final Path BOOTED = Path.of("/run/systemd/system");
  private static final Path PRIVATE = Path.of("/run/systemd/private");
  private static final Path SYSTEM_BUS = Path.of("/run/dbus/system_bus_socket");

  private static final Duration CALL_LIMIT = Duration.ofSeconds(30);
  private static final Duration JOB_LIMIT = Duration.ofSeconds(60);

  private final Path own;
  private final Path bus;
  private Link link; // guarded by this; null until the first call

  /**
   * A connection, and the jobs asked for over it: the end of one connection, which its reading
   * thread may notice late, says nothing of what the next one was asked.
   */
  private record Link(DBusConnection connection, Jobs jobs) {
    List<Object> call(Call call) throws IOException {
      try {
        return connection.call(call, CALL_LIMIT);
      } catch (InterruptedException e) {
        throw interrupted(call.method(), e);
      }
    }
  }

  Systemd(Path own, Path bus) {
    this.own = own;
    this.bus = bus;
  }

  /** This machine's, if systemd runs it (sd_booted(3)); connects when first asked for something. */
  public static Optional<Systemd> ofThisMachine() {
    return Files.isDirectory(BOOTED)
        ? Optional.of(new Systemd(PRIVATE, SYSTEM_BUS))
        : Optional.empty();
  }

  /**
   * What systemd calls its version, such as {@code 252.38-1~deb12u1}.
   *
   * @throws IOException if it cannot be reached
   */
  public String version() throws IOException {
    Call call =
        new Call(
            NAME,
            PATH,
            "org.freedesktop.DBus.Properties",
            "Get",
            "ss",
            out -> out.string(MANAGER).string("Version"));
    return String.valueOf(connected().call(call).get(0));
  }

  /**
   * Makes and starts a transient unit, and waits until that is done.
   *
   * @throws DBusException {@link #isThereAlready} if there is a unit of this name
   * @throws IOException if systemd cannot be reached or fails to start it
   */
  public void start(UnitPath unit, List<Property> properties) throws IOException {
    finishJob(
        "start",
        unit,
        manager(
            "StartTransientUnit",
            "ssa(sv)a(sa(sv))",
            out -> {
              out.string(unit.name()).string("fail");
              Property.write(out, properties);
              out.array(8, none -> {});
            }));
  }

  /** Stops a unit with its processes and forgets it; none there is no error. */
  public void stop(UnitPath unit) throws IOException {
    try {
      finishJob(
          "stop",
          unit,
          manager("StopUnit", "ss", out -> out.string(unit.name()).string("replace")));
    } catch (DBusException e) {
      if (!isNotThere(e)) {
        throw e;
      }
    }
  }

  /** Forgets that a unit has failed, which would keep its name taken; none there is no error. */
  public void resetFailed(UnitPath unit) throws IOException {
    try {
      call("ResetFailedUnit", "s", out -> out.string(unit.name()));
    } catch (DBusException e) {
      if (!isNotThere(e)) {
        throw e;
      }
    }
  }

  /**
   * Changes settings of a unit until the next boot.
   *
   * @throws DBusException {@link #isNotThere}, or if systemd does not take a value
   */
  public void set(UnitPath unit, List<Property> properties) throws IOException {
    call(
        "SetUnitProperties",
        "sba(sv)",
        out -> {
          out.string(unit.name()).uint32(1);
          Property.write(out, properties);
        });
  }

  /**
   * Moves processes into a unit that runs.
   *
   * @throws DBusException {@link #isNotThere}
   */
  public void attach(UnitPath unit, List<Integer> pids) throws IOException {
    call(
        "AttachProcessesToUnit",
        "ssau",
        out -> {
          out.string(unit.name()).string("");
          out.array(4, elements -> pids.forEach(elements::uint32));
        });
  }

  /** Whether systemd said that a unit of that name exists. */
  public static boolean isThereAlready(DBusException e) {
    return e.name().equals(NAME + ".UnitExists");
  }

  /** Whether systemd said that it knows no such unit. */
  public static boolean isNotThere(DBusException e) {
    return e.name().equals(NAME + ".NoSuchUnit") || e.name().equals(NAME + ".UnitInactive");
  }

  private List<Object> call(String method, String signature, Consumer<Encoder> arguments)
      throws IOException {
    return connected().call(manager(method, signature, arguments));
  }

  private static Call manager(String method, String signature, Consumer<Encoder> arguments) {
    return new Call(NAME, PATH, MANAGER, method, signature, arguments::accept);
  }

  private static IOException interrupted(String what, InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IOException(what + ": interrupted while systemd was asked", e);
  }

  /** Asks for a job of a unit, and waits until it is done. */
  private void finishJob(String what, UnitPath unit, Call call) throws IOException {
    Link asked = connected();
    try (Jobs.Watch watch = asked.jobs().watch(unit.name())) {
      await(what, unit, watch, asked.call(call));
    }
  }

  private void await(String what, UnitPath unit, Jobs.Watch watch, List<Object> answer)
      throws IOException {
    String result;
    try {
      result =
          watch
              .resultOf(String.valueOf(answer.get(0)))
              .get(JOB_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new IOException(
          "%s unit %s: systemd has not done so within %d s"
              .formatted(what, unit, JOB_LIMIT.toSeconds()),
          e);
    } catch (InterruptedException e) {
      throw interrupted(what + " unit " + unit, e);
    } catch (ExecutionException e) {
      throw new IOException(what + " unit " + unit + ": " + e.getMessage(), e);
    }
    if (!result.equals("done")) {
      throw new IOException(
          "%s unit %s: systemd's job ended as \"%s\"; see journalctl --unit %s"
              .formatted(what, unit, result, unit));
    }
  }

  private synchronized Link connected() throws IOException {
    if (link == null || !link.connection().isOpen()) {
      link = connect();
    }
    return link;
  }

  private Link connect() throws IOException {
    IOException failure;
    try {
      return open(own);
    } catch (IOException e) {
      failure = e;
    }
    try {
      return onBus();
    } catch (IOException e) {
      failure.addSuppressed(e);
      throw new IOException(
          "reach systemd: " + failure.getMessage() + "; " + e.getMessage(), failure);
    }
  }

  private static Link open(Path socket) throws IOException {
    Jobs jobs = new Jobs();
    return new Link(DBusConnection.open(socket, jobs), jobs);
  }

  /** On a bus signals come only to those who ask for them, and only while somebody has asked. */
  private Link onBus() throws IOException {
    Link opened = open(bus);
    try {
      opened.call(Call.plain(BUS, "/org/freedesktop/DBus", BUS, "Hello"));
      String rule =
          "type='signal',sender='%s',interface='%s',member='JobRemoved'".formatted(NAME, MANAGER);
      opened.call(
          new Call(BUS, "/org/freedesktop/DBus", BUS, "AddMatch", "s", out -> out.string(rule)));
      opened.call(Call.plain(NAME, PATH, MANAGER, "Subscribe"));
      return opened;
    } catch (IOException | RuntimeException e) {
      opened.connection().close();
      throw e;
    }
  }

  @Override
  public synchronized void close() {
    if (link != null) {
      link.connection().close();
    }
  }
}
