package io.gantry.cri.daemon;

import io.gantry.cri.config.Config;
import io.gantry.cri.config.ConfigException;
import io.gantry.cri.config.Settings;
import io.gantry.cri.systemd.Notifier;
import io.gantry.runtime.linux.Linux;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The life of the process: locks, start, signals, stop. */
final class DaemonProcess {
  private static final Logger log = LoggerFactory.getLogger(DaemonProcess.class);

  private final Rereader rereader;
  private final Logging logging;
  private final Notifier notifier;
  private final CountDownLatch stop = new CountDownLatch(1);
  private volatile Settings settings;

  /** Reads the configuration again, flags included. */
  @FunctionalInterface
  interface Rereader {
    Settings read() throws ConfigException;
  }

  DaemonProcess(Settings settings, Rereader rereader) {
    this.settings = settings;
    this.rereader = rereader;
    this.logging = new Logging(settings.config().log().level());
    this.notifier = new Notifier(Linux.open().network(), System.getenv());
  }

  /** Serves until SIGTERM or SIGINT; the process's exit code. */
  int run() {
    Config.Paths paths = settings.config().paths();
    try {
      makeDirectory(paths.root());
      makeDirectory(paths.state());
      try (InstanceLock root = InstanceLock.take(paths.root());
          InstanceLock state =
              paths.state().equals(paths.root()) ? root : InstanceLock.take(paths.state())) {
        log.atDebug().addKeyValue("root", root).addKeyValue("state", state).log("locked");
        serve();
        return 0;
      }
    } catch (StartException | IOException e) {
      log.atError().addKeyValue("error", e.getMessage()).log("gantryd cannot run");
      notifier.status("cannot run: " + e.getMessage());
      return 1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }

  private void serve() throws StartException, IOException, InterruptedException {
    Signals.on("TERM", stop::countDown);
    Signals.on("INT", stop::countDown);
    try (Composition parts = Composition.of(() -> settings.config())) {
      notifier.status("finding the pods and containers of earlier daemons");
      parts.recover();
      GrpcServer server = GrpcServer.start(settings.config().server(), parts.services());
      try (Frontends frontends = Frontends.start(settings.config(), parts.services())) {
        Signals.on("HUP", this::reload);
        log.atInfo()
            .addKeyValue("version", Release.version())
            .addKeyValue("listen", settings.config().server().listen())
            .addKeyValue("frontends", frontends)
            .log("gantryd serves");
        awaitStop();
        log.info("gantryd stops; containers run on");
      }
      parts.beforeStop();
      if (!server.stop(settings.config().server().stopTimeout())) {
        log.warn("requests in flight were cancelled");
      }
    }
  }

  private void awaitStop() throws InterruptedException {
    notifier.ready(serves());
    Optional<Heartbeat> heartbeat =
        Heartbeat.begin(notifier, settings.config().server().listen().socket());
    stop.await();
    notifier.stopping();
    heartbeat.ifPresent(Heartbeat::close);
  }

  private String serves() {
    return "serves " + settings.config().server().listen();
  }

  private synchronized void reload() {
    notifier.reloading();
    try {
      Settings.Reload reload = settings.reload(rereader.read());
      settings = reload.settings();
      logging.setLevel(settings.config().log().level());
      log.atInfo()
          .addKeyValue("changed", String.join(",", reload.taken()))
          .addKeyValue("need_restart", String.join(",", reload.needRestart()))
          .log("configuration re-read");
    } catch (ConfigException e) {
      log.atError().addKeyValue("error", e.getMessage()).log("configuration kept as it was");
    }
    notifier.ready(serves());
  }

  /**
   * Others on the machine may look up the socket in the state directory, but nothing else of ours.
   */
  private static void makeDirectory(Path path) throws StartException {
    try {
      Files.createDirectories(
          path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x")));
    } catch (IOException e) {
      throw new StartException("make directory " + path, e);
    }
  }
}
