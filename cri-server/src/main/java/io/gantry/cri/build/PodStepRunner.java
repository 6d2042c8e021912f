package io.gantry.cri.build;

import io.gantry.cri.container.Container;
import io.gantry.cri.container.ContainerMaker;
import io.gantry.cri.container.StartContainerHandler;
import io.gantry.cri.container.State;
import io.gantry.cri.pod.FilledPods;
import io.gantry.cri.pod.Pod;
import io.gantry.cri.pod.Pods;
import io.gantry.image.build.StepRunner;
import io.gantry.image.tree.LayerTrees;
import io.gantry.image.work.Cancellation;
import io.gantry.proto.cri.v1.ImageSpec;
import io.gantry.proto.cri.v1.Mount;
import io.gantry.proto.cri.v1.RunPodSandboxRequest;
import io.gantry.proto.cri.v1.StartContainerRequest;
import io.gantry.runtime.linux.Mounts;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs each step as a pod with one container. Thread-safe. */
final class PodStepRunner implements StepRunner {
  private static final Logger log = LoggerFactory.getLogger(PodStepRunner.class);

  /** How often what a step prints is looked for, while it runs. */
  private static final long LOOK_MILLIS = 40;

  private static final String HOSTS = "/etc/hosts";
  private static final String RESOLVER = "/etc/resolv.conf";

  /**
   * What is needed from elsewhere.
   *
   * @param logs a directory for the steps' logs, on a disk
   * @param memory a directory for their mounts, in the state directory
   */
  record Needs(
      Pods pods,
      FilledPods filled,
      ContainerMaker maker,
      StartContainerHandler start,
      StepNetworks networks,
      Mounts mounts,
      LayerTrees trees,
      Path logs,
      Path memory) {}

  private final Needs needs;

  PodStepRunner(Needs needs) {
    this.needs = needs;
  }

  /** Nothing is put into the pod while it is made. */
  private static final FilledPods.Filling EMPTY =
      new FilledPods.Filling() {
        @Override
        public void begins(String podId) {}

        @Override
        public void fill(Pod pod) {}

        @Override
        public void ended(String podId) {}
      };

  @Override
  public int run(Step step, Output output, Success success, Cancellation cancellation)
      throws IOException {
    cancellation.check();
    String name = "build-" + UUID.randomUUID();
    Path logs = needs.logs.resolve(name);
    Optional<String> pod = Optional.empty();
    try (StepMemory memory = new StepMemory(needs.mounts, needs.memory.resolve(name))) {
      try {
        List<Mount> mounts = mounts(step, memory);
        RunPodSandboxRequest request = StepPod.pod(name, logs, step);
        pod = Optional.of(needs.filled.make(request, request, EMPTY));
        if (StepNetworks.isName(step.network())) {
          String server = needs.networks.connect(step.network(), pod.get());
          mounts.add(bind(RESOLVER, memory.text("nameserver " + server + "\n"), false));
        }
        return run(pod.get(), step, mounts, logs, output, success, cancellation);
      } finally {
        remove(pod, logs);
      }
    } catch (InterruptedException e) {
      cancellation.check();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private int run(
      String podId,
      Step step,
      List<Mount> mounts,
      Path logs,
      Output output,
      Success success,
      Cancellation cancellation)
      throws IOException, InterruptedException {
    Container container;
    try (Pods.Hold hold = needs.pods.hold(podId)) {
      container = needs.maker.make(hold.pod(), StepPod.container(step, mounts));
    }
    output.begins(container.id());
    cancellation.check();
    start(container);
    LogTail tail = new LogTail(logs.resolve(StepPod.LOG), output::print);
    CompletableFuture<Object> over = CompletableFuture.anyOf(container.ended());
    cancellation.wait(() -> over.complete(container), () -> follow(over, tail));
    cancellation.check();
    tail.read();
    if (!(container.state() instanceof State.Exited exited)) {
      throw new IOException("the step's container " + container.id() + " was removed");
    }
    if (!exited.message().isEmpty()) {
      output.print((exited.message() + "\n").getBytes(StandardCharsets.UTF_8));
    }
    if (exited.exitCode() == 0) {
      success.take(container.id());
    }
    needs.filled.remove(podId);
    output.removed(container.id());
    return exited.exitCode();
  }

  /** A program that cannot be started leaves a container that has ended, with the reason in it. */
  private void start(Container container) throws IOException, InterruptedException {
    try {
      needs.start.handle(StartContainerRequest.newBuilder().setContainerId(container.id()).build());
    } catch (IOException | InterruptedException | RuntimeException e) {
      if (!(container.state() instanceof State.Exited)) {
        throw e;
      }
    } catch (Exception e) {
      throw new IOException(e);
    }
  }

  private static Void follow(CompletableFuture<Object> over, LogTail tail) throws IOException {
    boolean ended = false;
    while (!ended) {
      try {
        over.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        ended = true;
      } catch (TimeoutException runs) {
        tail.read();
      } catch (ExecutionException e) {
        throw new IOException(e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new UncheckedIOException(new InterruptedIOException("interrupted"));
      }
    }
    return null;
  }

  private List<Mount> mounts(Step step, StepMemory memory) throws IOException {
    List<Mount> mounts = new ArrayList<>();
    for (StepMount wanted : step.mounts()) {
      mounts.add(mount(wanted, memory));
    }
    if (!step.extraHosts().isEmpty()) {
      mounts.add(bind(HOSTS, memory.text(hosts(step.extraHosts())), false));
    }
    return mounts;
  }

  private static Mount mount(StepMount wanted, StepMemory memory) throws IOException {
    if (wanted instanceof HostMount host) {
      return bind(host.target(), host.source(), host.readOnly());
    }
    if (wanted instanceof SecretMount secret) {
      return bind(secret.target(), memory.file(secret), true);
    }
    if (wanted instanceof MemoryMount tmpfs) {
      return bind(tmpfs.target(), memory.directory(tmpfs), false);
    }
    ImageMount image = (ImageMount) wanted;
    return Mount.newBuilder()
        .setContainerPath(image.target())
        .setImage(ImageSpec.newBuilder().setImage(image.image().id().toString()))
        .setImageSubPath(image.subPath())
        .setReadonly(true)
        .build();
  }

  private static Mount bind(String target, Path source, boolean readOnly) {
    return Mount.newBuilder()
        .setContainerPath(target)
        .setHostPath(source.toString())
        .setReadonly(readOnly)
        .build();
  }

  /**
   * @param extra {@code NAME:ADDRESS} or {@code NAME=ADDRESS}
   */
  private static String hosts(List<String> extra) {
    StringBuilder hosts =
        new StringBuilder("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n");
    for (String one : extra) {
      int at = one.indexOf('=') < 0 ? one.indexOf(':') : one.indexOf('=');
      if (at > 0) {
        hosts.append(one.substring(at + 1)).append('\t').append(one, 0, at).append('\n');
      }
    }
    return hosts.toString();
  }

  /** Whatever happened, and whoever was interrupted: what resists is the next daemon's. */
  private void remove(Optional<String> pod, Path logs) {
    boolean interrupted = Thread.interrupted();
    try {
      if (pod.isPresent()) {
        needs.filled.remove(pod.get());
      }
      if (Files.exists(logs)) {
        needs.trees.delete(logs);
      }
    } catch (IOException | InterruptedException | RuntimeException e) {
      log.atWarn()
          .addKeyValue("pod", pod.orElse(""))
          .addKeyValue("reason", e.getMessage())
          .log("what a build's step has left cannot be removed; the next start tries again");
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
