package io.gantry.tests.quickstart;

import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.ContainerMetadata;
import io.gantry.proto.cri.v1.CreateContainerRequest;
import io.gantry.proto.cri.v1.ImageSpec;
import io.gantry.proto.cri.v1.LinuxContainerConfig;
import io.gantry.proto.cri.v1.LinuxPodSandboxConfig;
import io.gantry.proto.cri.v1.ListPodSandboxRequest;
import io.gantry.proto.cri.v1.PodSandbox;
import io.gantry.proto.cri.v1.PodSandboxConfig;
import io.gantry.proto.cri.v1.PodSandboxMetadata;
import io.gantry.proto.cri.v1.PullImageRequest;
import io.gantry.proto.cri.v1.RemovePodSandboxRequest;
import io.gantry.proto.cri.v1.RunPodSandboxRequest;
import io.gantry.proto.cri.v1.StartContainerRequest;
import io.gantry.proto.cri.v1.StopPodSandboxRequest;
import io.gantry.tests.cri.ContainerLog;
import io.gantry.tests.cri.CriClient;
import io.gantry.tests.tools.Eventually;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Does what the quickstart would do with crictl: {@code run SOCKET IMAGE LOG_DIRECTORY} runs the
 * pod and prints what its container writes, {@code remove SOCKET} removes every pod.
 */
public final class FirstPod {

  private static final String NAME = "hello";
  private static final String SCRIPT =
      "echo \"hello from $(hostname), a container of gantry\"; echo; ps; echo; ip -4 -o addr; "
          + "exec sleep 1000000";

  private final CriClient cri;
  private final PrintStream out;

  private FirstPod(CriClient cri, PrintStream out) {
    this.cri = cri;
    this.out = out;
  }

  /** Runs or removes; see the class. */
  public static void main(String[] arguments) {
    try (CriClient cri = CriClient.connect(Path.of(arguments[1]))) {
      FirstPod pod = new FirstPod(cri, System.out);
      if (arguments[0].equals("run")) {
        pod.removeOld();
        pod.run(arguments[2], Path.of(arguments[3]));
      } else {
        pod.removeAll();
      }
    }
  }

  private void run(String image, Path logs) {
    ImageSpec spec = ImageSpec.newBuilder().setImage(image).build();
    cri.images().pullImage(PullImageRequest.newBuilder().setImage(spec).build());
    PodSandboxConfig config =
        PodSandboxConfig.newBuilder()
            .setMetadata(
                PodSandboxMetadata.newBuilder()
                    .setName(NAME)
                    .setNamespace("default")
                    .setUid("quickstart-" + NAME))
            .setHostname(NAME)
            .setLogDirectory(logs.toString())
            .setLinux(LinuxPodSandboxConfig.getDefaultInstance())
            .build();
    String pod =
        cri.runtime()
            .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(config).build())
            .getPodSandboxId();
    String container =
        cri.runtime()
            .createContainer(
                CreateContainerRequest.newBuilder()
                    .setPodSandboxId(pod)
                    .setSandboxConfig(config)
                    .setConfig(
                        ContainerConfig.newBuilder()
                            .setMetadata(ContainerMetadata.newBuilder().setName("greeter"))
                            .setImage(spec)
                            .addAllCommand(List.of("sh", "-c", SCRIPT))
                            .setLogPath("greeter.log")
                            .setLinux(LinuxContainerConfig.getDefaultInstance()))
                    .build())
            .getContainerId();
    cri.runtime()
        .startContainer(StartContainerRequest.newBuilder().setContainerId(container).build());
    Path log = logs.resolve("greeter.log");
    ContainerLog written =
        Eventually.get(
            "the container's output",
            Duration.ofSeconds(20),
            () -> Files.exists(log) ? ContainerLog.read(log) : new ContainerLog(List.of()),
            found -> found.stdout().contains("eth0"));
    out.print(written.stdout());
  }

  private void removeOld() {
    pods().stream().filter(pod -> pod.getMetadata().getName().equals(NAME)).forEach(this::remove);
  }

  private void removeAll() {
    pods().forEach(this::remove);
  }

  private List<PodSandbox> pods() {
    return cri.runtime().listPodSandbox(ListPodSandboxRequest.getDefaultInstance()).getItemsList();
  }

  private void remove(PodSandbox pod) {
    cri.runtime()
        .stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(pod.getId()).build());
    cri.runtime()
        .removePodSandbox(
            RemovePodSandboxRequest.newBuilder().setPodSandboxId(pod.getId()).build());
  }
}
