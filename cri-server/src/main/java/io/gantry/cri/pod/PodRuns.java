package io.gantry.cri.pod;

import com.google.protobuf.MessageLite;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.cri.grpc.InFlight;
import io.gantry.cri.protojson.ProtoJson;
import io.gantry.proto.cri.v1.RunPodSandboxRequest;
import java.io.IOException;
import java.util.Optional;

/**
 * Keeps pods' names unique without ever refusing a caller its own pod: a request equal to one that
 * is being served joins it, and one equal to a request that was served, by this daemon or an
 * earlier one, gets the answer again, which may have been lost. Otherwise a kubelet whose call
 * timed out would be told that the name is taken, by itself. Thread-safe.
 */
final class PodRuns {
  private final Pods pods;
  private final PodRequests requests;
  private final PodLifecycle lifecycle;
  private final InFlight<PodName, MessageLite> running = new InFlight<>("pod");

  PodRuns(Pods pods, PodRequests requests, PodLifecycle lifecycle) {
    this.pods = pods;
    this.requests = requests;
    this.lifecycle = lifecycle;
  }

  /** Makes the pod, joins its making, or finds it made; its id. */
  String run(RunPodSandboxRequest request) throws IOException, InterruptedException {
    PodName name = PodName.of(request.getConfig().getMetadata());
    return running.run(name, request, () -> make(name, request));
  }

  /** Makes a pod in a way of one's own. */
  @FunctionalInterface
  interface Making {
    void make(Pod intended) throws IOException, InterruptedException;
  }

  /**
   * As {@link #run}, but for a pod that was made before: that is refused, whatever it is.
   *
   * @param asked what requests that join must be equal to
   */
  String runNew(MessageLite asked, RunPodSandboxRequest request, Making making)
      throws IOException, InterruptedException {
    PodName name = PodName.of(request.getConfig().getMetadata());
    return running.run(
        name,
        asked,
        () -> {
          Optional<Pod> existing = named(name);
          if (existing.isPresent()) {
            throw new CriException(
                Failure.ALREADY_EXISTS,
                "pod %s exists already as %s".formatted(name, existing.get().id()));
          }
          Pod pod = requests.toPod(request);
          making.make(pod);
          return pod.id();
        });
  }

  private Optional<Pod> named(PodName name) {
    return pods.all().stream().filter(pod -> pod.name().equals(name)).findFirst();
  }

  private String make(PodName name, RunPodSandboxRequest request)
      throws IOException, InterruptedException {
    Optional<Pod> existing = named(name);
    if (existing.isPresent()) {
      return repeated(existing.get(), request);
    }
    Pod pod = requests.toPod(request);
    lifecycle.make(pod);
    return pod.id();
  }

  private static String repeated(Pod pod, RunPodSandboxRequest request) throws IOException {
    if (!pod.isReady()) {
      throw new CriException(
          Failure.ALREADY_EXISTS,
          "pod %s exists already as %s, which is not ready; remove it, or ask for the next attempt"
              .formatted(pod.name(), pod.id()));
    }
    boolean same =
        pod.runtimeHandler().equals(request.getRuntimeHandler())
            && ProtoJson.print(pod.config()).equals(ProtoJson.print(request.getConfig()));
    if (!same) {
      throw new CriException(
          Failure.ALREADY_EXISTS,
          "pod %s exists already as %s, made from another configuration"
              .formatted(pod.name(), pod.id()));
    }
    return pod.id();
  }
}
