package io.gantry.cri.pod;

import io.gantry.cri.cni.Networks;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings pods back in line with the kernel when the daemon starts. A pod that cannot be dealt with
 * is logged and left for a later stop or start: nothing here keeps the daemon from serving.
 */
final class PodRecovery {
  private static final Logger log = LoggerFactory.getLogger(PodRecovery.class);

  private final Pods pods;
  private final PodLifecycle lifecycle;
  private final PinnedNamespaces namespaces;
  private final SharedPid sharedPid;
  private final Networks networks;
  private final Path podState;
  private final String defaultCgroupParent;

  PodRecovery(
      Pods pods,
      PodLifecycle lifecycle,
      PinnedNamespaces namespaces,
      SharedPid sharedPid,
      Networks networks,
      Path podState,
      String defaultCgroupParent) {
    this.pods = pods;
    this.lifecycle = lifecycle;
    this.namespaces = namespaces;
    this.sharedPid = sharedPid;
    this.networks = networks;
    this.podState = podState;
    this.defaultCgroupParent = defaultCgroupParent;
  }

  void recover() throws IOException, InterruptedException {
    pods.load();
    for (Pod pod : List.copyOf(pods.all())) {
      attempt("recover pod", pod.id(), () -> recover(pod));
    }
    for (String podId : networks.attachedPods()) {
      if (isUnknown(podId)) {
        attempt("detach a pod without record", podId, () -> networks.detach(podId));
      }
    }
    for (Path directory : directories()) {
      String podId = directory.getFileName().toString();
      if (isUnknown(podId)) {
        attempt("discard a pod without record", podId, () -> discardUnknown(podId));
      }
    }
  }

  private boolean isUnknown(String podId) {
    return pods.all().stream().noneMatch(pod -> pod.id().equals(podId));
  }

  private void recover(Pod pod) throws IOException, InterruptedException {
    if (pod.isReady()) {
      if (namespaces.areThere(pod) && sharedPid.isThere(pod)) {
        return;
      }
      String why = "lost: its namespaces are gone, as after a reboot";
      Pod lost = pod.with(new PodState.NotReady(why)).withIps(List.of());
      pods.put(lost);
      log.atWarn().addKeyValue("pod", pod.id()).addKeyValue("name", pod.name()).log("pod lost");
      lifecycle.undoAll(lost);
    } else if (pod.state() instanceof PodState.Making) {
      discardHalfMade(pod);
    } else {
      lifecycle.undoAll(pod); // The stop may have been cut short.
    }
  }

  private void discardHalfMade(Pod pod) throws IOException, InterruptedException {
    try {
      lifecycle.discard(pod);
    } catch (IOException e) {
      pods.put(pod.with(new PodState.NotReady("the daemon died while making it")));
      throw e;
    }
    pods.remove(pod.id());
    log.atInfo().addKeyValue("pod", pod.id()).log("half-made pod cleaned up");
  }

  /**
   * A record that was set aside leaves its pod's traces; the least that can be known of it is
   * enough to undo them.
   */
  private void discardUnknown(String podId) throws IOException, InterruptedException {
    lifecycle.discard(PodRequests.unknown(podId, podState, defaultCgroupParent));
    log.atWarn().addKeyValue("pod", podId).log("pod without record cleaned up");
  }

  private List<Path> directories() throws IOException {
    List<Path> directories = new ArrayList<>();
    if (Files.isDirectory(podState)) {
      try (DirectoryStream<Path> children = Files.newDirectoryStream(podState)) {
        children.forEach(directories::add);
      }
    }
    return directories;
  }

  @FunctionalInterface
  private interface Attempt {
    void run() throws IOException, InterruptedException;
  }

  private static void attempt(String what, String podId, Attempt attempt)
      throws InterruptedException {
    try {
      attempt.run();
    } catch (IOException | RuntimeException e) {
      log.atError()
          .addKeyValue("pod", podId)
          .addKeyValue("error", e.getMessage())
          .log(what + " failed");
    }
  }
}
