package io.gantry.tests.node;

import io.gantry.tests.tools.Checkout;
import io.gantry.tests.tools.Patience;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** gantryd as {@code mvn package} leaves it, with its own root, state, socket and network. */
public final class Gantry implements RuntimeUnderTest {

  private static final long SHIM_START_SECONDS = 30;

  private final DaemonProcess daemon;

  /**
   * A gantryd inside the directory, not yet started.
   *
   * @param warmShims how many shims it keeps started ahead of need
   */
  public Gantry(NodeDirectory directory, int warmShims) {
    this(directory, warmShims, "");
  }

  /**
   * As the other.
   *
   * @param moreConfiguration tables to add to gantry.toml
   */
  public Gantry(NodeDirectory directory, int warmShims, String moreConfiguration) {
    Path program = Checkout.distribution().resolve("bin/gantryd");
    if (!Files.isExecutable(program)) {
      throw new IllegalStateException(
          program + " is missing: `mvn -B package -DskipTests` makes it");
    }
    Path configuration = directory.path().resolve("gantry.toml");
    try {
      Files.writeString(configuration, configuration(directory, warmShims) + moreConfiguration);
    } catch (IOException e) {
      throw new UncheckedIOException("write " + configuration, e);
    }
    daemon =
        new DaemonProcess(
            List.of(
                program.toString(),
                "--config",
                configuration.toString(),
                "--root",
                directory.root().toString(),
                "--state",
                directory.state().toString(),
                "--listen",
                "unix://" + directory.socket()),
            Map.of("GANTRY_FAULT_POINTS", directory.faults().toString()),
            directory.socket(),
            directory.daemonLog());
  }

  private static String configuration(NodeDirectory directory, int warmShims) {
    return """
        [images]
        certs_d = "%s"

        [cni]
        conf_dir = "%s"

        [shim]
        pool_size = %d
        start_timeout = "%ds"

        [cgroup]
        default_parent = "%s"
        """
            .formatted(
                directory.registries(),
                directory.cniConfiguration(),
                warmShims,
                Patience.seconds(SHIM_START_SECONDS),
                directory.cgroupParent())
        + RuntimeHandlers.configuration(directory);
  }

  @Override
  public Path socket() {
    return daemon.socket();
  }

  @Override
  public ProcessHandle process() {
    return daemon.handle();
  }

  @Override
  public void start() {
    daemon.start();
  }

  @Override
  public void stop() {
    daemon.stop();
  }

  @Override
  public void kill() {
    daemon.kill();
  }
}
