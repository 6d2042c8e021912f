package io.gantry.cri.files;

import io.gantry.cri.container.Container;
import io.gantry.cri.container.Containers;
import io.gantry.cri.container.State;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.cri.layers.LinuxLayerTrees;
import io.gantry.cri.writable.WritableLayers;
import io.gantry.image.snapshot.Snapshots;
import io.gantry.image.tree.LayerTree;
import io.gantry.proto.task.v3.StateResponse;
import io.gantry.proto.v1.LayerMount;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.rootfs.PrivateView;
import io.gantry.runtime.rootfs.RootfsMount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Stream;

/**
 * Layers as their containers see them: one that runs through its own root, any other by mounts that
 * nobody else sees. Thread-safe.
 */
public final class LayerViews {
  private static final int PATIENCE_SECONDS = 120;
  private static final int LOCKS = 64;

  private final WritableLayers layers;
  private final Snapshots snapshots;
  private final Containers containers;
  private final LinuxLayerTrees trees;
  private final Linux linux;
  private final Path place;

  /** Some, which layers share: one each would have to be forgotten with it. */
  private final List<ReadWriteLock> locks;

  /** Does something with the root of a layer, on whatever thread. */
  interface Work<T> {
    T on(LayerTree root) throws Exception;
  }

  /**
   * @param place a directory for mounts, made if it is missing; nothing is ever seen in it
   */
  public LayerViews(
      WritableLayers layers,
      Snapshots snapshots,
      Containers containers,
      LinuxLayerTrees trees,
      Linux linux,
      Path place)
      throws IOException {
    this.layers = layers;
    this.snapshots = snapshots;
    this.containers = containers;
    this.trees = trees;
    this.linux = linux;
    this.place = Files.createDirectories(place);
    this.locks =
        Stream.<ReadWriteLock>generate(() -> new ReentrantReadWriteLock(true))
            .limit(LOCKS)
            .toList();
  }

  /**
   * Does something with a layer.
   *
   * @param mounts what its container has mounted, for one that does not run
   * @param write whether something is to be written
   * @throws CriException NOT_FOUND; WRONG_STATE if it is to be written to while its container is
   *     between being made and running
   */
  <T> T look(String key, List<LayerMount> mounts, boolean write, Work<T> work) throws Exception {
    try (WritableLayers.Visit visit = layers.visit(key)) {
      Optional<Container> holder = visit.holder().flatMap(containers::find);
      if (holder.isPresent() && holder.get().state() instanceof State.Running running) {
        return inside(holder.get(), running.pid(), work);
      }
      boolean ended = holder.isPresent() && holder.get().state() instanceof State.Exited;
      if (write && visit.holder().isPresent() && !ended) {
        throw CriException.wrongState(
            "write to layer %s: container %s is about to run with it"
                .formatted(key, visit.holder().get()));
      }
      return beside(visit.layer().snapshotKey(), mounts, write, work);
    }
  }

  private <T> T inside(Container container, int pid, Work<T> work) throws Exception {
    try (LayerTree root = trees.below(linux.processes().openRoot(pid))) {
      // What was opened is the container's if its process is still the one of that number.
      StateResponse now =
          container
              .shim()
              .orElseThrow(() -> new IOException("container " + container.id() + " has just ended"))
              .state(container.id());
      boolean same =
          now.getPid() == pid
              && switch (now.getStatus()) {
                case RUNNING, PAUSED, PAUSING -> true;
                default -> false;
              };
      if (!same) {
        throw new CriException(
            Failure.UNAVAILABLE, "container " + container.id() + " has just ended; try again");
      }
      return work.on(root);
    }
  }

  private <T> T beside(String snapshot, List<LayerMount> mounts, boolean write, Work<T> work)
      throws Exception {
    ReadWriteLock lock = locks.get(Math.floorMod(snapshot.hashCode(), LOCKS));
    // Mount points that are missing are made, so with mounts there is always something written.
    Lock own = write || !mounts.isEmpty() ? lock.writeLock() : lock.readLock();
    if (!own.tryLock(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new CriException(
          Failure.TIMED_OUT, "the layer's files have been in use for " + PATIENCE_SECONDS + " s");
    }
    try {
      List<RootfsMount> root =
          snapshots.mounts(snapshot).stream()
              .map(mount -> new RootfsMount(mount.type(), mount.source(), mount.options()))
              .toList();
      List<PrivateView.Bind> binds = mounts.stream().map(LayerViews::bind).toList();
      return PrivateView.visit(
          linux,
          root,
          binds,
          place,
          () -> {
            try (LayerTree tree = trees.open(place)) {
              return work.on(tree);
            }
          });
    } finally {
      own.unlock();
    }
  }

  private static PrivateView.Bind bind(LayerMount mount) {
    if (!mount.getContainerPath().startsWith("/") || !mount.getHostPath().startsWith("/")) {
      throw CriException.invalid(
          "mount %s at %s: both are to be absolute paths"
              .formatted(mount.getHostPath(), mount.getContainerPath()));
    }
    return new PrivateView.Bind(
        mount.getContainerPath(), Path.of(mount.getHostPath()), mount.getReadonly());
  }
}
