package io.gantry.cri.pod;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.proto.cri.v1.RunPodSandboxRequest;
import io.grpc.Context;
import io.grpc.Deadline;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Keeps pods' names unique without ever refusing a caller its own pod: a request equal to one that
 * is being served joins it, and one equal to a request whose caller had gone before the answer gets
 * that answer. Otherwise a kubelet whose call timed out would be told that the name is taken, by
 * itself. Thread-safe.
 */
final class PodRuns {
  private static final long PATIENCE_MINUTES = 10;

  private final Pods pods;
  private final PodRequests requests;
  private final PodLifecycle lifecycle;
  private final Map<PodName, Run> running = new ConcurrentHashMap<>();

  /** Pods whose caller was gone when they were ready. */
  private final Set<String> undelivered = ConcurrentHashMap.newKeySet();

  private record Run(RunPodSandboxRequest request, CompletableFuture<String> id) {}

  PodRuns(Pods pods, PodRequests requests, PodLifecycle lifecycle) {
    this.pods = pods;
    this.requests = requests;
    this.lifecycle = lifecycle;
  }

  /** Makes the pod, or joins its making; its id. */
  String run(RunPodSandboxRequest request) throws IOException, InterruptedException {
    PodName name = PodName.of(request.getConfig().getMetadata());
    var mine = new Run(request, new CompletableFuture<>());
    Run other = running.putIfAbsent(name, mine);
    if (other != null) {
      if (!other.request().equals(request)) {
        throw new CriException(
            Failure.ALREADY_EXISTS, "pod %s is being made from another request".formatted(name));
      }
      return join(name, other);
    }
    try {
      String id = make(name, request);
      mine.id().complete(id);
      return id;
    } catch (IOException | InterruptedException | RuntimeException e) {
      mine.id().completeExceptionally(e);
      throw e;
    } finally {
      running.remove(name, mine);
    }
  }

  private String make(PodName name, RunPodSandboxRequest request)
      throws IOException, InterruptedException {
    Optional<Pod> existing = pods.all().stream().filter(pod -> pod.name().equals(name)).findFirst();
    if (existing.isPresent()) {
      Pod pod = existing.get();
      boolean same =
          pod.config().equals(request.getConfig())
              && pod.runtimeHandler().equals(request.getRuntimeHandler());
      if (same && pod.isReady() && undelivered.remove(pod.id())) {
        return pod.id();
      }
      throw new CriException(
          Failure.ALREADY_EXISTS, "pod %s exists already as %s".formatted(name, pod.id()));
    }
    Pod pod = requests.toPod(request);
    lifecycle.make(pod);
    if (Context.current().isCancelled()) {
      undelivered.add(pod.id());
    }
    return pod.id();
  }

  private static String join(PodName name, Run other) throws IOException, InterruptedException {
    Deadline deadline = Context.current().getDeadline();
    long millis = TimeUnit.MINUTES.toMillis(PATIENCE_MINUTES);
    if (deadline != null) {
      millis = Math.min(millis, Math.max(0, deadline.timeRemaining(TimeUnit.MILLISECONDS)));
    }
    try {
      return other.id().get(millis, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new CriException(Failure.TIMED_OUT, "pod " + name + " is still being made", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof CriException cri) {
        throw new CriException(cri.failure(), cri.getMessage(), cri);
      }
      throw new IOException(e.getCause().getMessage(), e.getCause());
    }
  }
}
