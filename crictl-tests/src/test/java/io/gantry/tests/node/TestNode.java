package io.gantry.tests.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.tests.cri.CriClient;
import io.gantry.tests.registry.CritestImages;
import io.gantry.tests.tools.CriTools;
import io.gantry.tests.tools.Crictl;
import io.gantry.tests.tools.Docker;
import io.gantry.tests.tools.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A running runtime for the tests of one class, and the proof afterwards that nothing of it stays.
 *
 * <p>Register it in a static field. All tests of a class share the daemon, so each test cleans up
 * its own pods; what a failed one leaves is removed at the end, before the node is searched for
 * leftovers.
 *
 * <p>{@code -Dgantry.tests.runtime=containerd} runs the same tests against Debian's containerd.
 */
public final class TestNode implements BeforeAllCallback, AfterAllCallback {

  private static final Duration VANISH = Duration.ofSeconds(20);

  // One is enough to test the pool, and every start of a daemon fills it.
  private static final int WARM_SHIMS = 1;

  /** How the daemon is run, and what becomes of the node after the tests of the class. */
  private enum Manner {
    PROCESS,
    SERVICE,
    SERVICE_BEFORE_A_REBOOT,
    SERVICE_AFTER_A_REBOOT;

    boolean lasts() {
      return this == SERVICE_BEFORE_A_REBOOT || this == SERVICE_AFTER_A_REBOOT;
    }
  }

  private final List<String> images;
  private final Function<NodeDirectory, String> moreConfiguration;
  private final Manner manner;
  private final CgroupDriver driver;
  private NodeDirectory directory;
  private RuntimeUnderTest runtime;
  private CriClient cri;
  private Crictl crictl;
  private SharedRegistry shared;

  private TestNode(List<String> images, Function<NodeDirectory, String> moreConfiguration) {
    this(images, moreConfiguration, Manner.PROCESS, CgroupDriver.usual());
  }

  private TestNode(
      List<String> images,
      Function<NodeDirectory, String> moreConfiguration,
      Manner manner,
      CgroupDriver driver) {
    this.images = images;
    this.moreConfiguration = moreConfiguration;
    this.manner = manner;
    this.driver = driver;
  }

  /** The same node with cgroups made by another. */
  public TestNode with(CgroupDriver other) {
    return new TestNode(images, moreConfiguration, manner, other);
  }

  /** The same node with a daemon that systemd runs. */
  public TestNode asService() {
    return new TestNode(images, moreConfiguration, Manner.SERVICE, driver);
  }

  /** The same with a daemon that systemd runs, and which is left as it is after the tests. */
  public TestNode untilReboot() {
    return new TestNode(images, moreConfiguration, Manner.SERVICE_BEFORE_A_REBOOT, driver);
  }

  /** What {@link #untilReboot} has left, with the daemon that systemd started at boot. */
  public static TestNode afterReboot(CgroupDriver driver) {
    return new TestNode(List.of(), directory -> "", Manner.SERVICE_AFTER_A_REBOOT, driver);
  }

  /** A node that has no image yet. */
  public static TestNode empty() {
    return new TestNode(List.of(), directory -> "");
  }

  /** A node that has pulled the image that most tests run. */
  public static TestNode withBusybox() {
    return withBusybox(directory -> "");
  }

  /**
   * A node that has pulled the image that most tests run.
   *
   * @param moreConfiguration tables to add to its gantry.toml
   */
  public static TestNode withBusybox(Function<NodeDirectory, String> moreConfiguration) {
    return new TestNode(List.of(SharedRegistry.BUSYBOX), moreConfiguration);
  }

  /** Whether the runtime under test is the one this project builds. */
  public static boolean isGantry() {
    return System.getProperty("gantry.tests.runtime", "gantry").equals("gantry");
  }

  public NodeDirectory directory() {
    return directory;
  }

  /** Who makes its cgroups. */
  public CgroupDriver cgroupDriver() {
    return driver;
  }

  /** The parent of pods' cgroups, as the node's driver has it. */
  public String cgroupParent() {
    return driver.parent(directory);
  }

  public RuntimeUnderTest runtime() {
    return runtime;
  }

  public CriClient cri() {
    return cri;
  }

  public Crictl crictl() {
    return crictl;
  }

  public SharedRegistry registry() {
    return shared;
  }

  /** The reference of the image that most tests run. */
  public String busybox() {
    return shared.open().reference(SharedRegistry.BUSYBOX);
  }

  /** The real docker command for this node's engine. Tests that ask for it are skipped without. */
  public Docker docker() {
    assumeTrue(isGantry(), "the Docker Engine API is gantry's own");
    assumeTrue(Docker.isInstalled(), "needs the docker command");
    return Docker.theirs(directory.dockerSocket());
  }

  /** The command gantry for this node's engine. */
  public Docker command() {
    assumeTrue(isGantry(), "the Docker Engine API is gantry's own");
    return Docker.ours(directory.dockerSocket());
  }

  /** Starts the daemon again after it was stopped or killed. */
  public void startAgain() {
    runtime.start();
    cri.reconnect();
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    assumeTrue(isRoot(), "needs root: mounts, namespaces and cgroups are made");
    shared = SharedRegistry.of(context);
    directory = manner.lasts() ? NodeDirectory.lasting() : NodeDirectory.create();
    directory.mirror(shared.open().host(), shared.open().url());
    CritestImages.HOSTS.forEach(host -> directory.mirror(host, shared.open().url()));
    runtime = runtimeToBe();
    runtime.start();
    cri = CriClient.connect(runtime.socket());
    Path configuration = directory.write("crictl.yaml", Crictl.configuration(runtime.socket()));
    crictl = new Crictl(CriTools.ready().crictl(), configuration);
    images.forEach(image -> crictl.out("pull", shared.open().reference(image)));
  }

  private RuntimeUnderTest runtimeToBe() {
    if (!isGantry()) {
      return new Containerd(directory, shared.open().reference(SharedRegistry.PAUSE));
    }
    if (manner == Manner.SERVICE_AFTER_A_REBOOT) {
      return Service.installed(directory);
    }
    String more = moreConfiguration.apply(directory);
    return manner == Manner.PROCESS
        ? new Gantry(directory, WARM_SHIMS, driver, more)
        : Service.install(directory, Gantry.arguments(directory, WARM_SHIMS, driver, more));
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (cri == null) {
      // It was not started; why, JUnit has reported.
      if (directory != null) {
        directory.delete();
      }
      return;
    }
    if (manner == Manner.SERVICE_BEFORE_A_REBOOT) {
      cri.close();
      return;
    }
    try {
      if (runtime.process().isAlive()) {
        removeAllPods();
      }
    } finally {
      cri.close();
      runtime.stop();
      if (manner != Manner.PROCESS) {
        Service.uninstall();
      }
    }
    boolean failed = context.getExecutionException().isPresent();
    Eventually.holds(
        "nothing of the node stays after its pods are removed and its daemon is stopped",
        VANISH,
        () -> {
          Leftovers leftovers = Leftovers.of(directory);
          assertTrue(leftovers.none(), leftovers::toString);
        });
    directory.removeNetwork();
    if (!failed) {
      directory.delete();
    }
  }

  /** Stops and removes every pod with its containers. */
  public void removeAllPods() {
    crictl.run("rmp", "--all", "--force");
  }

  /**
   * Waits until, with its pods, the shims of its pods have gone: then what is left can be compared
   * with later.
   */
  public void awaitIdle() {
    Eventually.holds(
        "of its processes only the daemon and a warm shim are left",
        VANISH,
        () -> {
          List<NodeProcesses.Found> left = NodeProcesses.of(directory);
          assertEquals(1 + WARM_SHIMS, left.size(), left::toString);
        });
  }

  private static boolean isRoot() {
    try {
      return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    } catch (IOException e) {
      return false;
    }
  }
}
