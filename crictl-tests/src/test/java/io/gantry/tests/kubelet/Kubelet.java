package io.gantry.tests.kubelet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gantry.tests.node.TestNode;
import io.gantry.tests.tools.DirectoryTree;
import io.gantry.tests.tools.Eventually;
import io.gantry.tests.tools.Patience;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A kubelet without an API server ("standalone"), on a node under test: it runs the pods whose
 * files a test gives it. Register it after the node.
 *
 * <p>Only for a machine of its own: besides its directory and its cgroup, a kubelet sets some of
 * the kernel's parameters.
 */
final class Kubelet implements BeforeAllCallback, AfterAllCallback {

  /** Part of the name of each pod. */
  static final String NODE_NAME = "node";

  private static final Duration UP = Duration.ofSeconds(60);
  private static final Duration END = Duration.ofSeconds(30);

  private final TestNode node;
  private final String configuration;
  private final List<StaticPod> pods = new ArrayList<>();
  private KubeletPrograms programs;
  private Path directory;
  private int port;
  private KubeletApi api;
  private KubeletCgroups cgroups;
  private Process process;

  private Kubelet(TestNode node, String configuration) {
    this.node = node;
    this.configuration = configuration;
  }

  /** A kubelet on this node, with defaults but for what keeps it to itself. */
  static Kubelet on(TestNode node) {
    return on(node, "");
  }

  /**
   * A kubelet on this node.
   *
   * @param configuration further lines of its configuration file
   */
  static Kubelet on(TestNode node, String configuration) {
    return new Kubelet(node, configuration);
  }

  TestNode node() {
    return node;
  }

  KubeletApi api() {
    return api;
  }

  KubeletCgroups cgroups() {
    return cgroups;
  }

  /** Where it keeps its pods' volumes. */
  Path root() {
    return directory.resolve("root");
  }

  @Override
  public void beforeAll(ExtensionContext context) throws IOException {
    programs = KubeletPrograms.ready();
    directory = Files.createDirectories(node.directory().path().resolve("kubelet"));
    Files.createDirectories(manifests());
    Files.createDirectories(logs());
    port = freePort();
    api = new KubeletApi(port, programs.client());
    cgroups = KubeletCgroups.of(node);
    cgroups.make();
    start("");
  }

  @Override
  public void afterAll(ExtensionContext context) throws IOException {
    if (process == null) {
      return;
    }
    try {
      if (!process.isAlive()) {
        start("");
      }
      List<StaticPod> all = List.copyOf(pods);
      all.forEach(StaticPod::withdraw);
      all.forEach(StaticPod::awaitGone);
      // It unmounts volumes and removes cgroups some time after the containers' end.
      Eventually.holds("no volume is mounted", END, () -> assertEquals(List.of(), mounts()));
      Eventually.holds("no pod has a cgroup", END, () -> assertEquals(List.of(), cgroups.pods()));
    } finally {
      stop();
      node.removeAllPods();
      cgroups.remove();
    }
    if (context.getExecutionException().isEmpty()) {
      DirectoryTree.delete(directory);
    }
  }

  /** Runs a pod. {@code spec} is the YAML of its {@code spec}. */
  StaticPod run(String name, String spec) {
    return run(name, "", spec);
  }

  /**
   * Runs a pod.
   *
   * @param metadata YAML of its {@code metadata} beside the name, or nothing
   * @param spec YAML of its {@code spec}
   */
  StaticPod run(String name, String metadata, String spec) {
    String text =
        """
        apiVersion: v1
        kind: Pod
        metadata:
          name: %s
          namespace: %s
        %sspec:
        %s\
        """
            .formatted(name, StaticPod.NAMESPACE, metadata.indent(2), spec.indent(2));
    Path manifest = manifests().resolve(name + ".yaml");
    try {
      // It reads a file as soon as it appears.
      Path draft = Files.writeString(directory.resolve(name + ".draft"), text);
      Files.move(draft, manifest, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("write " + manifest, e);
    }
    StaticPod pod = new StaticPod(this, manifest, name + "-" + NODE_NAME);
    pods.add(pod);
    return pod;
  }

  /** Stops it as systemd does, and starts it with further lines in its configuration file. */
  void restart(String moreConfiguration) {
    stop();
    start(moreConfiguration);
  }

  /** What it has logged. */
  String log() {
    try {
      return Files.readString(directory.resolve("kubelet.log"), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("read the kubelet's log", e);
    }
  }

  /** The last warnings and errors that it has logged about something. */
  String complaints(String about) {
    List<String> lines =
        log()
            .lines()
            .filter(line -> line.startsWith("E") || line.startsWith("W"))
            .filter(line -> line.contains(about))
            .toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 10), lines.size()));
  }

  void stop() {
    process.destroy();
    try {
      if (!process.waitFor(Patience.of(END).toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
        throw new AssertionError("the kubelet did not end within " + END);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while stopping the kubelet", e);
    }
  }

  private void start(String moreConfiguration) {
    try {
      Path file =
          Files.writeString(
              directory.resolve("config.yaml"), common() + configuration + moreConfiguration);
      process =
          new ProcessBuilder(
                  programs.kubelet().toString(),
                  "--config=" + file,
                  "--root-dir=" + root(),
                  "--cert-dir=" + directory.resolve("certificates"),
                  "--volume-plugin-dir=" + directory.resolve("plugins"),
                  "--hostname-override=" + NODE_NAME,
                  "--v=3")
              .redirectErrorStream(true)
              .redirectOutput(
                  ProcessBuilder.Redirect.appendTo(directory.resolve("kubelet.log").toFile()))
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException("start the kubelet", e);
    }
    Eventually.holds(
        "the kubelet is well, see " + directory.resolve("kubelet.log"),
        UP,
        () -> {
          if (!process.isAlive()) {
            throw new AssertionError("it ended with " + process.exitValue() + "\n" + logTail());
          }
          assertEquals("ok", api.get("/healthz"));
        });
  }

  private String logTail() {
    List<String> lines = log().lines().toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
  }

  /**
   * The driver of cgroups is left out: it asks the runtime. Its requests to the runtime may take
   * longer than by default (2 min), for machines whose processor is emulated.
   */
  private String common() {
    return """
    apiVersion: kubelet.config.k8s.io/v1beta1
    kind: KubeletConfiguration
    containerRuntimeEndpoint: unix://%s
    staticPodPath: %s
    podLogsDir: %s
    cgroupRoot: %s
    address: 127.0.0.1
    port: %d
    healthzPort: 0
    authentication: {anonymous: {enabled: true}, webhook: {enabled: false}}
    authorization: {mode: AlwaysAllow}
    failCgroupV1: false
    failSwapOn: false
    makeIPTablesUtilChains: false
    enableControllerAttachDetach: false
    runtimeRequestTimeout: %ds
    """
        .formatted(
            node.runtime().socket(),
            manifests(),
            logs(),
            cgroups.root(),
            port,
            Patience.seconds(60));
  }

  private Path manifests() {
    return directory.resolve("manifests");
  }

  /** Where the kubelet lets the runtime write containers' logs. */
  Path logs() {
    return directory.resolve("logs");
  }

  /** Where mounts below its directory are. */
  private List<String> mounts() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/mountinfo"), StandardCharsets.ISO_8859_1).stream()
        .filter(line -> line.contains(" " + directory + "/"))
        .toList();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
