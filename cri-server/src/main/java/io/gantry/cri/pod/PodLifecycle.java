package io.gantry.cri.pod;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.cri.operation.Phase;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes pods and ends them. What it does to the kernel is recorded before, so that wherever a
 * daemon dies the next one knows what to undo. Thread-safe.
 */
final class PodLifecycle {
  private static final Logger log = LoggerFactory.getLogger(PodLifecycle.class);

  private final Pods pods;
  private final PodDirectories directories;

  /** In the order in which they are made. */
  private final List<PodPart> parts;

  private final PodContainers containers;
  private final PodHooks hooks;

  PodLifecycle(
      Pods pods,
      PodDirectories directories,
      List<PodPart> parts,
      PodContainers containers,
      PodHooks hooks) {
    this.pods = pods;
    this.directories = directories;
    this.parts = List.copyOf(parts);
    this.containers = containers;
    this.hooks = hooks;
  }

  /**
   * Makes a pod. When that fails nothing of it is left; should something resist, the pod stays as
   * one that is not ready, for the caller to remove.
   *
   * @throws CriException naming the pod, the part and why
   */
  void make(Pod intended) throws IOException, InterruptedException {
    long began = System.nanoTime();
    try (Pods.Hold hold = pods.add(intended)) {
      Deque<PodPart> begun = new ArrayDeque<>();
      Pod pod = hold.pod();
      try {
        for (PodPart part : parts) {
          begun.push(part);
          Phase.begins("make " + part.name());
          pod = part.make(pod);
        }
        show(pod);
      } catch (IOException | InterruptedException | RuntimeException e) {
        CriException failure = failure(intended, begun.peek(), e);
        abandon(pod, begun, failure);
        throw failure;
      }
      log.atInfo()
          .addKeyValue("pod", pod.id())
          .addKeyValue("name", pod.name())
          .addKeyValue("ips", String.join(",", pod.ips()))
          .addKeyValue("took", Duration.ofNanos(System.nanoTime() - began).toMillis() + "ms")
          .log("pod runs");
    }
  }

  /** Makes a pod visible that those with a say in it have let pass. */
  private void show(Pod pod) throws IOException, InterruptedException {
    Phase.begins("plugins");
    PodHooks.Making making = hooks.run(pod);
    boolean shown = false;
    try {
      pods.put(pod.with(new PodState.Ready()));
      shown = true;
    } finally {
      making.end(shown);
    }
  }

  private static CriException failure(Pod pod, PodPart part, Exception e) {
    if (e instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
    Failure category =
        e instanceof CriException cri
            ? cri.failure()
            : e instanceof InterruptedException ? Failure.UNAVAILABLE : Failure.INTERNAL;
    String words =
        "run pod %s: %s: %s"
            .formatted(pod.name(), part == null ? "start" : part.name(), e.getMessage());
    return new CriException(category, words, e);
  }

  /** Undoes what was begun, and forgets the pod if nothing is left. */
  private void abandon(Pod pod, Deque<PodPart> begun, CriException failure) {
    // The undoing must not be cut short by the interrupt that caused it.
    boolean interrupted = Thread.interrupted();
    try {
      undo(pod, begun.iterator());
      directories.remove(pod);
      pods.remove(pod.id());
    } catch (IOException | InterruptedException | RuntimeException e) {
      failure.addSuppressed(e);
      log.atWarn()
          .addKeyValue("pod", pod.id())
          .addKeyValue("error", e.getMessage())
          .log("a pod that failed could not be undone");
      leave(pod, failure);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void leave(Pod pod, CriException failure) {
    try {
      pods.put(pod.with(new PodState.NotReady("making it failed: " + failure.getMessage())));
    } catch (IOException e) {
      failure.addSuppressed(e); // The record says Making: the next daemon undoes it.
    }
  }

  /** Stops a pod; does nothing if there is none. What fails is tried again by the next stop. */
  void stop(String id) throws IOException, InterruptedException {
    var held = pods.holdExclusively(id);
    if (held.isPresent()) {
      try (Pods.Hold hold = held.get()) {
        stop(hold.pod());
      }
    }
  }

  private void stop(Pod pod) throws IOException, InterruptedException {
    Phase.begins("stop containers");
    containers.stopAll(pod.id());
    Pod stopped = pod;
    if (pod.isReady()) {
      // Recorded first: from here on the pod is good for nothing but being stopped again.
      stopped = pod.with(new PodState.NotReady("stopped")).withIps(List.of());
      pods.put(stopped);
      hooks.stop(pod);
    }
    undoAll(stopped);
    if (pod.isReady()) {
      log.atInfo().addKeyValue("pod", pod.id()).addKeyValue("name", pod.name()).log("pod stopped");
    }
  }

  /** Removes a pod, stopping it first; does nothing if there is none. */
  void remove(String id) throws IOException, InterruptedException {
    var held = pods.holdExclusively(id);
    if (held.isPresent()) {
      try (Pods.Hold hold = held.get()) {
        Pod pod = hold.pod();
        stop(pod);
        Phase.begins("remove containers");
        containers.removeAll(pod.id());
        directories.remove(pod);
        pods.remove(pod.id());
        hooks.removed(pod);
        log.atInfo().addKeyValue("pod", pod.id()).log("pod removed");
      }
    }
  }

  /** Leaves nothing of a pod in the kernel. */
  void undoAll(Pod pod) throws IOException, InterruptedException {
    Deque<PodPart> all = new ArrayDeque<>();
    parts.forEach(all::push);
    undo(pod, all.iterator());
  }

  /** Leaves nothing of a pod in the kernel nor in the state directory. */
  void discard(Pod pod) throws IOException, InterruptedException {
    undoAll(pod);
    directories.remove(pod);
  }

  /**
   * Undoes every part, whatever the others do; the first failure is thrown with the rest attached.
   */
  private static void undo(Pod pod, Iterator<PodPart> latestFirst)
      throws IOException, InterruptedException {
    IOException failure = null;
    while (latestFirst.hasNext()) {
      PodPart part = latestFirst.next();
      Phase.begins("undo " + part.name());
      try {
        part.undo(pod);
      } catch (IOException | RuntimeException e) {
        var named =
            new IOException(
                "undo %s of pod %s: %s".formatted(part.name(), pod.id(), e.getMessage()), e);
        if (failure == null) {
          failure = named;
        } else {
          failure.addSuppressed(named);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
