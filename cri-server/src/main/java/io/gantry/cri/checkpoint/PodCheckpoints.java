package io.gantry.cri.checkpoint;

import io.gantry.cri.checkpoint.PodManifest.Saved;
import io.gantry.cri.container.Container;
import io.gantry.cri.container.Containers;
import io.gantry.cri.container.State;
import io.gantry.cri.criu.Criu;
import io.gantry.cri.fault.FaultPoints;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.operation.Phase;
import io.gantry.cri.pod.Pod;
import io.gantry.cri.pod.Pods;
import io.gantry.cri.state.RecordStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Saves pods. All containers asked for stand still while each is saved, so that what they share is
 * of one moment, and run on in any case. Thread-safe.
 */
public final class PodCheckpoints {
  private static final Logger log = LoggerFactory.getLogger(PodCheckpoints.class);

  private final Pods pods;
  private final Containers containers;
  private final Criu criu;
  private final Capture capture;
  private final SharedMemoryFiles sharedMemory;
  private final RecordStore<PodSaving> savings;
  private final FaultPoints faults;
  private final Clock clock;

  PodCheckpoints(
      Pods pods,
      Containers containers,
      Criu criu,
      Capture capture,
      SharedMemoryFiles sharedMemory,
      RecordStore<PodSaving> savings,
      FaultPoints faults,
      Clock clock) {
    this.pods = pods;
    this.containers = containers;
    this.criu = criu;
    this.capture = capture;
    this.sharedMemory = sharedMemory;
    this.savings = savings;
    this.faults = faults;
    this.clock = clock;
  }

  /**
   * Saves a pod with some of its containers into an empty directory.
   *
   * @throws CriException WRONG_STATE if pod or containers do not run, or CRIU does not; TIMED_OUT
   * @throws IOException if it cannot be saved; the directory is empty then
   */
  void save(String podId, List<String> containerIds, Path output, TimeLimit limit)
      throws IOException, InterruptedException {
    try (Pods.Hold hold = pods.hold(podId);
        TakenContainers taken = TakenContainers.of(chosen(hold.pod().id(), containerIds))) {
      Phase.begins("check criu");
      Path program = criu.require();
      String key = UUID.randomUUID().toString();
      List<String> ids = taken.containers().stream().map(Container::id).toList();
      savings.add(key, new PodSaving(hold.pod().id(), ids, output));
      PodArchive archive = new PodArchive(output);
      try {
        archive.claim();
      } catch (IOException | RuntimeException e) {
        savings.remove(key);
        throw e;
      }
      try {
        save(hold.pod(), taken.containers(), program, archive, limit);
        savings.remove(key);
      } catch (IOException | RuntimeException | Error failed) {
        takeBack(key, archive, failed);
        throw failed;
      }
    }
  }

  private List<Container> chosen(String podId, List<String> ids) {
    List<Container> chosen = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (String id : ids) {
      Container container = containers.get(id);
      String what = "checkpoint pod " + podId + ": container " + container.id();
      if (!container.record().podId().equals(podId)) {
        throw CriException.invalid(what + " is not in it");
      }
      if (!(container.state() instanceof State.Running)) {
        throw CriException.wrongState(what + " is in state " + container.state().name());
      }
      if (!names.add(container.record().config().getMetadata().getName())) {
        throw CriException.invalid(
            what + " is named twice, or has a name that another one of them has");
      }
      chosen.add(container);
    }
    return chosen;
  }

  private void save(Pod pod, List<Container> all, Path program, PodArchive archive, TimeLimit limit)
      throws IOException {
    boolean ownMemory = pod.paths().ipcNamespace().isPresent();
    try (FrozenContainers frozen = new FrozenContainers()) {
      Phase.begins("shims: pause");
      for (Container container : all) {
        limit.left();
        frozen.freeze(container.id(), container.shim().orElseThrow());
      }
      faults.reach("pod's containers frozen");
      for (Container container : all) {
        Path directory =
            Files.createDirectory(archive.container(container.id()), Workspaces.PRIVATE);
        capture.save(container, container.shim().orElseThrow(), program, directory, limit);
        faults.reach("pod's container saved");
      }
      if (ownMemory) {
        Phase.begins("save shared memory");
        sharedMemory.save(pod.paths().shm(), archive.sharedMemory(), limit);
      }
    }
    List<Saved> saved = new ArrayList<>();
    for (Container container : all) {
      capture.describe(container, archive.container(container.id()));
      saved.add(
          new Saved(container.id(), container.record().image().id(), container.record().config()));
    }
    Phase.begins("write to disk");
    archive.finish(
        new PodManifest(pod.id(), pod.config(), ownMemory, saved), clock.instant(), limit);
  }

  private void takeBack(String key, PodArchive archive, Throwable failed) {
    try {
      archive.clear();
      savings.remove(key);
    } catch (IOException | RuntimeException e) {
      failed.addSuppressed(e); // The record stays: the next daemon tries again.
    }
  }

  /** Thaws what an earlier daemon left frozen, and removes what it had saved. */
  public void recover() throws IOException {
    for (Map.Entry<String, PodSaving> left : savings.load().entrySet()) {
      PodSaving saving = left.getValue();
      for (String id : saving.containerIds()) {
        containers.find(id).ifPresent(Workspaces::resume);
      }
      try {
        if (Files.isDirectory(saving.output())) {
          new PodArchive(saving.output()).clear();
        }
        savings.remove(left.getKey());
        log.atInfo().addKeyValue("pod", saving.podId()).log("half-made checkpoint cleaned up");
      } catch (IOException e) {
        log.atWarn()
            .addKeyValue("pod", saving.podId())
            .addKeyValue("directory", saving.output())
            .addKeyValue("error", e.getMessage())
            .log("a half-made checkpoint could not be removed");
      }
    }
  }
}
