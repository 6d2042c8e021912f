package io.gantry.tests.node;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.ContainerMetadata;
import io.gantry.proto.cri.v1.ContainerState;
import io.gantry.proto.cri.v1.ContainerStatus;
import io.gantry.proto.cri.v1.ContainerStatusRequest;
import io.gantry.proto.cri.v1.ContainerStatusResponse;
import io.gantry.proto.cri.v1.CreateContainerRequest;
import io.gantry.proto.cri.v1.ExecSyncRequest;
import io.gantry.proto.cri.v1.ExecSyncResponse;
import io.gantry.proto.cri.v1.ImageSpec;
import io.gantry.proto.cri.v1.LinuxContainerConfig;
import io.gantry.proto.cri.v1.LinuxContainerSecurityContext;
import io.gantry.proto.cri.v1.LinuxPodSandboxConfig;
import io.gantry.proto.cri.v1.LinuxSandboxSecurityContext;
import io.gantry.proto.cri.v1.NamespaceMode;
import io.gantry.proto.cri.v1.NamespaceOption;
import io.gantry.proto.cri.v1.PodSandboxConfig;
import io.gantry.proto.cri.v1.PodSandboxMetadata;
import io.gantry.proto.cri.v1.PodSandboxStatus;
import io.gantry.proto.cri.v1.PodSandboxStatusRequest;
import io.gantry.proto.cri.v1.RemoveContainerRequest;
import io.gantry.proto.cri.v1.RemovePodSandboxRequest;
import io.gantry.proto.cri.v1.RunPodSandboxRequest;
import io.gantry.proto.cri.v1.StartContainerRequest;
import io.gantry.proto.cri.v1.StopContainerRequest;
import io.gantry.proto.cri.v1.StopPodSandboxRequest;
import io.gantry.tests.cri.ContainerLog;
import io.gantry.tests.tools.Eventually;
import io.gantry.tests.tools.Patience;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/** A running pod of one test, with short ways to run containers in it. Closing removes it. */
public final class TestPod implements AutoCloseable {

  private static final Duration EXIT = Duration.ofSeconds(30);
  private static final Duration EXEC = Duration.ofSeconds(20);

  // As the kubelet asks for it; the CRI's own default is one PID namespace for the pod.
  private static final NamespaceOption OWN_PIDS =
      NamespaceOption.newBuilder().setPid(NamespaceMode.CONTAINER).build();

  private final TestNode node;
  private final PodSandboxConfig config;
  private final String id;

  private TestPod(TestNode node, PodSandboxConfig config, String id) {
    this.node = node;
    this.config = config;
    this.id = id;
  }

  /** Runs a pod with its own namespaces. */
  public static TestPod run(TestNode node) {
    return run(node, pod -> {});
  }

  /** Runs a pod whose configuration the caller finishes. */
  public static TestPod run(TestNode node, Consumer<PodSandboxConfig.Builder> finish) {
    return run(node, RuntimeHandlers.DEFAULT, finish);
  }

  /** Runs a pod with its own namespaces by one of {@link RuntimeHandlers}. */
  public static TestPod run(TestNode node, String handler) {
    return run(node, handler, pod -> {});
  }

  /** Runs a pod whose configuration the caller finishes. */
  public static TestPod run(
      TestNode node, String handler, Consumer<PodSandboxConfig.Builder> finish) {
    RuntimeHandlers.assumeInstalled(handler);
    PodSandboxConfig config = config(node, finish);
    String id =
        node.cri()
            .runtime()
            .runPodSandbox(
                RunPodSandboxRequest.newBuilder()
                    .setConfig(config)
                    .setRuntimeHandler(handler)
                    .build())
            .getPodSandboxId();
    return new TestPod(node, config, id);
  }

  /** A pod that was made otherwise. */
  public static TestPod of(TestNode node, PodSandboxConfig config, String id) {
    return new TestPod(node, config, id);
  }

  /** The configuration of a pod with a name of its own, not run. */
  public static PodSandboxConfig config(TestNode node, Consumer<PodSandboxConfig.Builder> finish) {
    String name = "pod-" + UUID.randomUUID();
    PodSandboxConfig.Builder config =
        PodSandboxConfig.newBuilder()
            .setMetadata(
                PodSandboxMetadata.newBuilder()
                    .setName(name)
                    .setUid("uid-" + name)
                    .setNamespace("tests"))
            .setHostname("test-host")
            .setLogDirectory(node.directory().logs().resolve(name).toString())
            .setLinux(
                LinuxPodSandboxConfig.newBuilder()
                    .setCgroupParent(node.cgroupParent())
                    .setSecurityContext(
                        LinuxSandboxSecurityContext.newBuilder().setNamespaceOptions(OWN_PIDS)));
    finish.accept(config);
    return config.build();
  }

  public String id() {
    return id;
  }

  public PodSandboxConfig config() {
    return config;
  }

  public PodSandboxStatus status() {
    return node.cri()
        .runtime()
        .podSandboxStatus(PodSandboxStatusRequest.newBuilder().setPodSandboxId(id).build())
        .getStatus();
  }

  /** Creates a container of the busybox image that runs these words. */
  public String create(String name, String... command) {
    return create(name, container -> container.addAllCommand(List.of(command)));
  }

  /** Creates a container of the busybox image whose configuration the caller finishes. */
  public String create(String name, Consumer<ContainerConfig.Builder> finish) {
    return node.cri().runtime().createContainer(request(name, finish)).getContainerId();
  }

  /** The request for a container of the busybox image, not sent. */
  public CreateContainerRequest request(String name, Consumer<ContainerConfig.Builder> finish) {
    ContainerConfig.Builder container =
        ContainerConfig.newBuilder()
            .setMetadata(ContainerMetadata.newBuilder().setName(name))
            .setImage(ImageSpec.newBuilder().setImage(node.busybox()))
            .setLogPath(name + ".log")
            .setLinux(
                LinuxContainerConfig.newBuilder()
                    .setSecurityContext(
                        LinuxContainerSecurityContext.newBuilder().setNamespaceOptions(OWN_PIDS)));
    finish.accept(container);
    return CreateContainerRequest.newBuilder()
        .setPodSandboxId(id)
        .setConfig(container)
        .setSandboxConfig(config)
        .build();
  }

  public void start(String container) {
    node.cri()
        .runtime()
        .startContainer(StartContainerRequest.newBuilder().setContainerId(container).build());
  }

  /** Creates and starts a container. */
  public String run(String name, String... command) {
    return run(name, container -> container.addAllCommand(List.of(command)));
  }

  /** Creates and starts a container. */
  public String run(String name, Consumer<ContainerConfig.Builder> finish) {
    String container = create(name, finish);
    start(container);
    return container;
  }

  /** Runs a shell script in a container of its own to its end and returns what it wrote. */
  public String output(String name, Consumer<ContainerConfig.Builder> finish, String script) {
    String container =
        run(
            name,
            config -> {
              config.addAllCommand(List.of("sh", "-c", script));
              finish.accept(config);
            });
    ContainerStatus end = awaitExit(container);
    ContainerLog log = log(name);
    if (end.getExitCode() != 0) {
      throw new AssertionError(
          "`%s` exited %d: %s%s".formatted(script, end.getExitCode(), log.stdout(), log.stderr()));
    }
    return log.stdout();
  }

  public void stop(String container, Duration grace) {
    node.cri()
        .runtime()
        .stopContainer(
            StopContainerRequest.newBuilder()
                .setContainerId(container)
                .setTimeout(grace.toSeconds())
                .build());
  }

  public void remove(String container) {
    node.cri()
        .runtime()
        .removeContainer(RemoveContainerRequest.newBuilder().setContainerId(container).build());
  }

  public ContainerStatus status(String container) {
    return response(container, false).getStatus();
  }

  /** The process of a running container, as the host numbers it. */
  public long pid(String container) {
    String info = response(container, true).getInfoOrThrow("info");
    try {
      return new ObjectMapper().readTree(info).get("pid").asLong();
    } catch (JsonProcessingException e) {
      throw new AssertionError("verbose info is not JSON: " + info, e);
    }
  }

  /** A path inside a running container, seen from the host. */
  public Path inside(String container, String path) {
    return Path.of("/proc/" + pid(container) + "/root" + path);
  }

  /** Waits for a container's end. */
  public ContainerStatus awaitExit(String container) {
    return Eventually.get(
        "container " + container + " exits",
        EXIT,
        () -> status(container),
        status -> status.getState() == ContainerState.CONTAINER_EXITED);
  }

  /** Runs a command in a running container. */
  public ExecSyncResponse exec(String container, String... command) {
    return exec(container, Patience.of(EXEC), command);
  }

  /** Runs a command in a running container for at most this long. */
  public ExecSyncResponse exec(String container, Duration timeout, String... command) {
    return node.cri()
        .runtime()
        .execSync(
            ExecSyncRequest.newBuilder()
                .setContainerId(container)
                .addAllCmd(List.of(command))
                .setTimeout(timeout.toSeconds())
                .build());
  }

  /** What a command in a running container writes; it must succeed. */
  public String execOutput(String container, String... command) {
    ExecSyncResponse response = exec(container, command);
    if (response.getExitCode() != 0) {
      throw new AssertionError(
          "%s exited %d: %s%s"
              .formatted(
                  List.of(command),
                  response.getExitCode(),
                  text(response.getStdout()),
                  text(response.getStderr())));
    }
    return text(response.getStdout());
  }

  /** Where a container's log is. */
  public Path logFile(String name) {
    return Path.of(config.getLogDirectory()).resolve(name + ".log");
  }

  public ContainerLog log(String name) {
    try {
      return ContainerLog.read(logFile(name));
    } catch (IOException e) {
      throw new AssertionError("log of " + name, e);
    }
  }

  /** Waits until a container's log satisfies a condition. */
  public ContainerLog awaitLog(String name, java.util.function.Predicate<ContainerLog> wanted) {
    return Eventually.get(
        "log of " + name,
        EXIT,
        () -> Files.exists(logFile(name)) ? log(name) : new ContainerLog(List.of()),
        wanted);
  }

  private ContainerStatusResponse response(String container, boolean verbose) {
    return node.cri()
        .runtime()
        .containerStatus(
            ContainerStatusRequest.newBuilder()
                .setContainerId(container)
                .setVerbose(verbose)
                .build());
  }

  private static String text(ByteString bytes) {
    return bytes.toStringUtf8();
  }

  @Override
  public void close() {
    node.cri()
        .runtime()
        .stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(id).build());
    node.cri()
        .runtime()
        .removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(id).build());
  }
}
