package io.gantry.cri.systemd;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A stand-in for systemd's manager, made with another implementation of D-Bus (Python's) and on a
 * bus of its own. It keeps units by name and prints what it was asked for.
 */
final class FakeManager implements AutoCloseable {
  private static final String PROGRAM =
      """
      import sys, dbus, dbus.service
      from dbus.mainloop.glib import DBusGMainLoop
      from gi.repository import GLib
      DBusGMainLoop(set_as_default=True)
      bus = dbus.bus.BusConnection('unix:path=' + sys.argv[1])
      M = 'org.freedesktop.systemd1.Manager'
      class NoSuchUnit(dbus.DBusException):
          _dbus_error_name = 'org.freedesktop.systemd1.NoSuchUnit'
      class UnitExists(dbus.DBusException):
          _dbus_error_name = 'org.freedesktop.systemd1.UnitExists'
      def say(*words):
          print(*words, flush=True)
      def plain(value):
          if isinstance(value, (dbus.Array, dbus.Struct)):
              return '[' + ' '.join(plain(each) for each in value) + ']'
          return type(value).__name__ + ':' + str(value)
      class Manager(dbus.service.Object):
          units, failing, jobs = set(), set(), 0
          def job(self, name, result):
              Manager.jobs += 1
              path = '/org/freedesktop/systemd1/job/%d' % Manager.jobs
              # Before the answer that names the job, as may happen.
              self.JobRemoved(dbus.UInt32(Manager.jobs), dbus.ObjectPath(path), name, result)
              return dbus.ObjectPath(path)
          @dbus.service.method(M, 'ssa(sv)a(sa(sv))', 'o')
          def StartTransientUnit(self, name, mode, properties, aux):
              if name in self.units:
                  raise UnitExists('Unit %s already exists.' % name)
              say('start', name, mode, *sorted(str(p[0]) + '=' + plain(p[1]) for p in properties))
              if 'fails' in name:
                  return self.job(name, 'failed')
              self.units.add(name)
              return self.job(name, 'done')
          @dbus.service.method(M, 'ss', 'o')
          def StopUnit(self, name, mode):
              if name not in self.units:
                  raise NoSuchUnit('Unit %s not loaded.' % name)
              say('stop', name, mode)
              self.units.remove(name)
              return self.job(name, 'done')
          @dbus.service.method(M, 's', '')
          def ResetFailedUnit(self, name):
              say('reset', name)
              self.units.discard(name)
          @dbus.service.method(M, 'sba(sv)', '')
          def SetUnitProperties(self, name, runtime, properties):
              if name not in self.units:
                  raise NoSuchUnit('Unit %s not loaded.' % name)
              say('set', name, bool(runtime), *sorted(str(p[0]) + '=' + plain(p[1]) for p in properties))
          @dbus.service.method(M, 'ssau', '')
          def AttachProcessesToUnit(self, name, cgroup, pids):
              if name not in self.units:
                  raise NoSuchUnit('Unit %s not loaded.' % name)
              say('attach', name, plain(pids))
          @dbus.service.method(M, '', '')
          def Subscribe(self):
              say('subscribe')
          @dbus.service.method('org.freedesktop.DBus.Properties', 'ss', 'v')
          def Get(self, interface, name):
              return dbus.String('252 (fake)')
          @dbus.service.signal(M, 'uoss')
          def JobRemoved(self, number, job, unit, result):
              pass
      name = dbus.service.BusName('org.freedesktop.systemd1', bus)
      Manager(bus, '/org/freedesktop/systemd1')
      say('ready')
      GLib.MainLoop().run()
      """;

  private final Process bus;
  private final Process manager;
  private final BufferedReader said;
  private final Path socket;

  private FakeManager(Path directory) throws IOException {
    socket = directory.resolve("bus");
    bus =
        new ProcessBuilder(
                "dbus-daemon",
                "--session",
                "--nofork",
                "--nopidfile",
                "--print-address=1",
                "--address=unix:path=" + socket)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    reader(bus).readLine();
    Path program = Files.writeString(directory.resolve("manager.py"), PROGRAM);
    manager =
        new ProcessBuilder("/usr/bin/python3", program.toString(), socket.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    said = reader(manager);
  }

  private static BufferedReader reader(Process process) {
    return new BufferedReader(
        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  static boolean isInstalled() {
    try {
      Process tried =
          new ProcessBuilder(
                  "/usr/bin/python3", "-c", "import dbus; from gi.repository import GLib")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return tried.waitFor() == 0 && Files.isExecutable(Path.of("/usr/bin/dbus-daemon"));
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  static FakeManager start(Path directory) throws IOException {
    FakeManager manager = new FakeManager(directory);
    String first = manager.said.readLine();
    if (!"ready".equals(first)) {
      manager.close();
      throw new IOException("the stand-in for systemd said " + first);
    }
    return manager;
  }

  Path socket() {
    return socket;
  }

  /** What it was asked for next, in one line. */
  String asked() throws IOException {
    return said.readLine();
  }

  List<String> asked(int lines) throws IOException {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < lines; i++) {
      all.add(asked());
    }
    return all;
  }

  @Override
  public void close() throws IOException {
    manager.destroyForcibly();
    bus.destroyForcibly();
    try {
      manager.waitFor();
      bus.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
