package io.gantry.cri.daemon;

import io.gantry.cri.config.ConfigException;
import io.gantry.cri.config.Settings;
import io.gantry.image.distribution.RegistryServer;
import io.gantry.image.distribution.RegistryStorage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The life of a process that is a registry and nothing else. */
final class RegistryProcess {
  private static final Logger log = LoggerFactory.getLogger(RegistryProcess.class);

  /** Where registries are looked for that are named without a port. */
  private static final int DEFAULT_PORT = 5000;

  private final Path root;
  private final DaemonProcess.Rereader rereader;
  private final Logging logging;
  private final CountDownLatch stop = new CountDownLatch(1);
  private volatile Settings settings;

  RegistryProcess(Path root, Settings settings, DaemonProcess.Rereader rereader) {
    this.root = root;
    this.settings = settings;
    this.rereader = rereader;
    this.logging = new Logging(settings.config().log().level());
  }

  /** Serves until SIGTERM or SIGINT; the process's exit code. */
  int run() {
    try {
      Files.createDirectories(
          root, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      try (InstanceLock lock = InstanceLock.take(root)) {
        log.atDebug().addKeyValue("root", root).addKeyValue("lock", lock).log("locked");
        serve();
        return 0;
      }
    } catch (StartException | IOException e) {
      log.atError().addKeyValue("error", e.getMessage()).log("the registry cannot run");
      return 1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }

  private void serve() throws IOException, InterruptedException {
    Signals.on("TERM", stop::countDown);
    Signals.on("INT", stop::countDown);
    InetSocketAddress address =
        settings
            .config()
            .registryServer()
            .listen()
            .orElseGet(() -> new InetSocketAddress(InetAddress.getLoopbackAddress(), DEFAULT_PORT));
    try (RegistryServer server =
        ConfiguredRegistry.serve(
            address, RegistryStorage.alone(root), () -> settings.config(), Clock.systemUTC())) {
      Signals.on("HUP", this::reload);
      log.atInfo()
          .addKeyValue("version", Release.version())
          .addKeyValue("root", root)
          .addKeyValue("address", server.address())
          .log("registry serves");
      stop.await();
      log.info("registry stops");
    }
  }

  private synchronized void reload() {
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
  }
}
