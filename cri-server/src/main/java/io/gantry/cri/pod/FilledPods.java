package io.gantry.cri.pod;

import com.google.protobuf.MessageLite;
import io.gantry.proto.cri.v1.RunPodSandboxRequest;
import java.io.IOException;

/** Makes pods that come with something in them: the whole of it, or nothing. Thread-safe. */
public final class FilledPods {
  private final Pods pods;
  private final PodRuns runs;
  private final PodLifecycle lifecycle;

  FilledPods(Pods pods, PodRuns runs, PodLifecycle lifecycle) {
    this.pods = pods;
    this.runs = runs;
    this.lifecycle = lifecycle;
  }

  /** What is put into a pod. */
  public interface Filling {
    /**
     * Nothing of the pod is made yet. To be recorded: a pod that is not whole when the daemon dies
     * must be {@linkplain FilledPods#remove removed}.
     */
    void begins(String podId) throws IOException;

    /** Fills the pod, which is ready, and held meanwhile. */
    void fill(Pod pod) throws IOException, InterruptedException;

    /** The pod is whole, or nothing of it is left. */
    void ended(String podId) throws IOException;
  }

  /**
   * Makes a pod that does not exist yet, with its filling; joins the work if an equal request is at
   * work.
   *
   * @param asked what the caller has asked for
   * @param request the pod that it comes to
   * @return the pod's id
   * @throws io.gantry.cri.grpc.CriException ALREADY_EXISTS if there is a pod of that name; else as
   *     making a pod or its filling does, and nothing is left then
   */
  public String make(MessageLite asked, RunPodSandboxRequest request, Filling filling)
      throws IOException, InterruptedException {
    return runs.runNew(asked, request, pod -> make(pod, filling));
  }

  private void make(Pod intended, Filling filling) throws IOException, InterruptedException {
    String id = intended.id();
    filling.begins(id);
    try {
      lifecycle.make(intended);
      try (Pods.Hold hold = pods.hold(id)) {
        filling.fill(hold.pod());
      }
      filling.ended(id);
    } catch (IOException | InterruptedException | RuntimeException failed) {
      undo(id, filling, failed);
      throw failed;
    }
  }

  /** What resists is the next daemon's, by the record that stays. */
  private void undo(String id, Filling filling, Exception failed) {
    // The undoing must not be cut short by the interrupt that caused it.
    boolean interrupted = Thread.interrupted();
    try {
      lifecycle.remove(id);
      filling.ended(id);
    } catch (IOException | InterruptedException | RuntimeException e) {
      failed.addSuppressed(e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Removes a pod with all that is in it; does nothing if there is none. */
  public void remove(String podId) throws IOException, InterruptedException {
    lifecycle.remove(podId);
  }
}
