package io.gantry.tests.node;

import io.gantry.tests.tools.Checkout;
import io.gantry.tests.tools.Patience;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
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
    this(directory, warmShims, CgroupDriver.CGROUPFS, moreConfiguration);
  }

  /** As the other, with who makes cgroups. */
  Gantry(NodeDirectory directory, int warmShims, CgroupDriver driver, String moreConfiguration) {
    this(directory, warmShims, driver, moreConfiguration, Map.of());
  }

  private Gantry(
      NodeDirectory directory,
      int warmShims,
      CgroupDriver driver,
      String moreConfiguration,
      Map<String, String> moreEnvironment) {
    Path program = Checkout.distribution().resolve("bin/gantryd");
    if (!Files.isExecutable(program)) {
      throw new IllegalStateException(
          program + " is missing: `mvn -B package -DskipTests` makes it");
    }
    Map<String, String> environment = new HashMap<>(moreEnvironment);
    environment.put("GANTRY_FAULT_POINTS", directory.faults().toString());
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(arguments(directory, warmShims, driver, moreConfiguration));
    daemon = new DaemonProcess(command, environment, directory.socket(), directory.daemonLog());
  }

  /** One that has these variables besides its caller's, such as a service manager's. */
  public static Gantry with(Map<String, String> environment, NodeDirectory directory) {
    return new Gantry(directory, 0, CgroupDriver.usual(), "", environment);
  }

  /** What gantryd is to be started with; the configuration is written. */
  static List<String> arguments(
      NodeDirectory directory, int warmShims, CgroupDriver driver, String moreConfiguration) {
    Path configuration = directory.path().resolve("gantry.toml");
    try {
      Files.writeString(
          configuration, configuration(directory, warmShims, driver) + moreConfiguration);
    } catch (IOException e) {
      throw new UncheckedIOException("write " + configuration, e);
    }
    return List.of(
        "--config",
        configuration.toString(),
        "--root",
        directory.root().toString(),
        "--state",
        directory.state().toString(),
        "--listen",
        "unix://" + directory.socket());
  }

  private static String configuration(NodeDirectory directory, int warmShims, CgroupDriver driver) {
    return """
    [images]
    certs_d = "%s"

    [cni]
    conf_dir = "%s"

    [networks]
    pools = ["%s:24"]
    interface_prefix = "%s"

    [shim]
    pool_size = %d
    start_timeout = "%ds"

    [cgroup]
    driver = "%s"
    default_parent = "%s"
    """
            .formatted(
                directory.registries(),
                directory.cniConfiguration(),
                directory.networkPool(),
                directory.interfacePrefix(),
                warmShims,
                Patience.seconds(SHIM_START_SECONDS),
                driver.key(),
                driver.parent(directory))
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
