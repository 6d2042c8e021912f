package io.gantry.cri.container;

import io.gantry.cri.container.ContainerRecord.ImageInUse;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.pod.Pod;
import io.gantry.cri.pod.PodUsers;
import io.gantry.cri.selinux.Relabeling;
import io.gantry.cri.spec.ContainerSpec;
import io.gantry.cri.spec.RootFiles;
import io.gantry.cri.spec.SpecRequest;
import io.gantry.cri.spec.StopSignals;
import io.gantry.cri.volume.ImageVolumes;
import io.gantry.cri.writable.WritableLayer;
import io.gantry.cri.writable.WritableLayers;
import io.gantry.image.ImageRecord;
import io.gantry.image.Images;
import io.gantry.image.failure.ImageException;
import io.gantry.image.snapshot.SnapshotMount;
import io.gantry.image.snapshot.Snapshots;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.LinuxContainerUser;
import io.gantry.proto.cri.v1.Mount;
import io.gantry.proto.cri.v1.NamespaceMode;
import io.gantry.proto.cri.v1.NamespaceOption;
import io.gantry.runtime.linux.IdRange;
import io.gantry.runtime.oci.OciSpec;
import io.gantry.runtime.oci.OciUser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Everything a container needs on disk before a shim hears of it: its root filesystem and its
 * bundle. Thread-safe.
 */
final class Preparation {
  /**
   * Account files are a few kilobytes; what an image says must not fill the daemon's memory
   * (CVE-2023-25153).
   */
  private static final int ACCOUNT_FILE_LIMIT_BYTES = 4 << 20;

  private final Images images;
  private final ContainerSpec specs;
  private final Bundles bundles;
  private final Containers containers;
  private final ContainerHooks hooks;
  private final ImageVolumes imageVolumes;
  private final CheckpointSources checkpoints;
  private final Relabeling relabeling;
  private final WritableLayers layers;
  private final LayerLimit limit;
  private final Clock clock;

  Preparation(
      Images images,
      ContainerSpec specs,
      Bundles bundles,
      Containers containers,
      ContainerHooks hooks,
      ImageVolumes imageVolumes,
      CheckpointSources checkpoints,
      Relabeling relabeling,
      WritableLayers layers,
      LayerLimit limit,
      Clock clock) {
    this.images = images;
    this.specs = specs;
    this.bundles = bundles;
    this.containers = containers;
    this.hooks = hooks;
    this.imageVolumes = imageVolumes;
    this.checkpoints = checkpoints;
    this.relabeling = relabeling;
    this.layers = layers;
    this.limit = limit;
    this.clock = clock;
  }

  /**
   * @param record in state Making, without a shim; not yet written
   * @param root what makes up the root filesystem
   * @param source the checkpoint that its processes come back from, if one was asked for
   * @param targetPid the process whose PID namespace is joined, if one is
   * @param creation to be told once the container is shown
   */
  record Prepared(
      ContainerRecord record,
      Path bundle,
      List<SnapshotMount> root,
      Optional<CheckpointSources.Source> source,
      OptionalInt targetPid,
      ContainerHooks.Creation creation) {}

  /**
   * Prepares container {@code id}.
   *
   * @param checkpoint a directory to restore it from, if it is not the image that says so
   * @param undo is given the way back from every step done, also when a later one fails
   * @throws CriException NOT_FOUND if the image is not here; else as {@link ContainerSpec#build}
   */
  Prepared prepare(
      String id, Pod pod, ContainerConfig asked, Optional<Path> checkpoint, UndoStack undo)
      throws IOException, InterruptedException {
    ContainerConfig config = asRecorded(asked);
    String wanted = config.getImage().getImage();
    Optional<CheckpointSources.Source> source =
        checkpoint.isPresent()
            ? Optional.of(checkpoints.ofDirectory(id, checkpoint.get(), undo))
            : checkpoints.open(id, config, undo);
    Optional<WritableLayer> layer = layer(id, config, source.isPresent(), undo);
    ImageRecord image =
        layer.isPresent()
            ? layer.get().imageOrNothing()
            : source.isPresent() ? source.get().image() : find(wanted);
    String snapshot = layer.map(WritableLayer::snapshotKey).orElse(id);
    if (layer.isEmpty()) {
      undo.push(() -> images.snapshots().remove(id));
    }
    List<SnapshotMount> prepared = snapshot(snapshot, wanted, image);
    if (layer.isEmpty()) {
      limit.apply(pod.config(), config, prepared);
    } else {
      LayerLimit.refuse(config, layer.get().key());
    }
    List<SnapshotMount> root = mapped(prepared, pod);
    if (source.isPresent()) {
      checkpoints.applyChanges(id, source.get());
    }
    OptionalInt targetPid = targetPid(pod.id(), config);
    OciSpec spec =
        specs.build(
            new SpecRequest(
                id,
                withImageVolumes(id, pod, config, undo),
                pod,
                image.config(),
                Bundles.ROOTFS,
                rootFiles(images.snapshots(), snapshot),
                targetPid));
    relabel(config, spec);
    ContainerRecord record = record(id, pod, config, image, spec);
    ContainerHooks.Creation creation = hooks.create(pod, record, spec);
    undo.push(creation::failed);
    undo.push(() -> bundles.remove(id));
    bundles.create(id, creation.spec());
    return new Prepared(
        record.with(creation.resources()), bundles.path(id), root, source, targetPid, creation);
  }

  private ImageRecord find(String wanted) throws IOException {
    return images
        .find(wanted)
        .orElseThrow(
            () -> CriException.notFound("image \"" + wanted + "\" not found: pull it first"));
  }

  /** The layer that the container is to have in the place of its own, if it is to have one. */
  private Optional<WritableLayer> layer(
      String id, ContainerConfig config, boolean restored, UndoStack undo)
      throws InterruptedException {
    Optional<String> key = WritableLayers.keyIn(config);
    if (key.isEmpty()) {
      return Optional.empty();
    }
    String what = "container %s, layer %s: ".formatted(config.getMetadata().getName(), key.get());
    if (restored) {
      throw CriException.invalid(what + "a container made from a checkpoint has its own");
    }
    WritableLayer layer = layers.take(key.get(), id);
    undo.push(() -> layers.giveBack(key.get(), id));
    String wanted = config.getImage().getImage();
    Optional<ImageRecord> named = wanted.isEmpty() ? Optional.empty() : images.find(wanted);
    if (named.isPresent()
        && layer.image().filter(own -> own.id().equals(named.get().id())).isEmpty()) {
      throw CriException.invalid(
          what
              + "it stands on %s, and image \"%s\" is another, %s"
                  .formatted(
                      layer.image().map(own -> "image " + own.id()).orElse("nothing"),
                      wanted,
                      named.get().id()));
    }
    return Optional.of(layer);
  }

  ContainerConfig asRecorded(ContainerConfig asked) {
    return imageVolumes.resolve(asked);
  }

  private ContainerConfig withImageVolumes(
      String id, Pod pod, ContainerConfig config, UndoStack undo) throws IOException {
    if (!ImageVolumes.has(config)) {
      return config;
    }
    undo.push(() -> imageVolumes.release(id, config));
    undo.push(() -> imageVolumes.unmount(id));
    return imageVolumes.mount(id, config, pod.paths().userNamespace());
  }

  /** Labels the volumes that the kubelet asks it for, so that the container may use them. */
  private void relabel(ContainerConfig config, OciSpec spec) throws IOException {
    if (spec.linux().mountLabel().isEmpty()) {
      return;
    }
    for (Mount mount : config.getMountsList()) {
      if (mount.getSelinuxRelabel() && !mount.getHostPath().isEmpty()) {
        Path volume = Path.of(mount.getHostPath()).toRealPath();
        relabeling.relabel(volume, spec.linux().mountLabel().get());
      }
    }
  }

  /** To be called once the container has mounts of its own. */
  void finish(ContainerRecord record) throws IOException {
    if (ImageVolumes.has(record.config())) {
      imageVolumes.unmount(record.id());
    }
  }

  /**
   * Says to the shim whom the image's users are on the host, by the options that containerd's
   * snapshotters use for it.
   */
  private static List<SnapshotMount> mapped(List<SnapshotMount> mounts, Pod pod) {
    if (pod.users().isEmpty()) {
      return mounts;
    }
    PodUsers users = pod.users().get();
    return mounts.stream()
        .map(
            mount -> {
              List<String> options = new ArrayList<>(mount.options());
              options.add("uidmap=" + option(users.uids()));
              options.add("gidmap=" + option(users.gids()));
              return new SnapshotMount(mount.type(), mount.source(), options);
            })
        .toList();
  }

  private static String option(IdRange range) {
    return range.inside() + ":" + range.outside() + ":" + range.count();
  }

  private List<SnapshotMount> snapshot(String key, String wanted, ImageRecord image)
      throws IOException {
    try {
      return images.snapshots().prepare(key, image.topChainId());
    } catch (ImageException e) {
      if (e.kind() == ImageException.Kind.NOT_FOUND) {
        // Someone removed it after we had looked.
        throw CriException.notFound("image \"" + wanted + "\" not found: it was removed meanwhile");
      }
      throw e;
    }
  }

  /** The account files of a file system. */
  static RootFiles rootFiles(Snapshots snapshots, String key) {
    // They are defined byte by byte; Latin-1 keeps every byte and cannot fail.
    return path ->
        snapshots
            .readFile(key, path, ACCOUNT_FILE_LIMIT_BYTES)
            .map(bytes -> new String(bytes, StandardCharsets.ISO_8859_1));
  }

  /**
   * The first process of the container whose PIDs are to be shared: one that runs in the same pod.
   */
  private OptionalInt targetPid(String podId, ContainerConfig config) {
    NamespaceOption options = config.getLinux().getSecurityContext().getNamespaceOptions();
    if (options.getPid() != NamespaceMode.TARGET) {
      return OptionalInt.empty();
    }
    return containers
        .find(options.getTargetId())
        .filter(target -> target.record().podId().equals(podId))
        .map(Container::state)
        .filter(State.Running.class::isInstance)
        .map(state -> OptionalInt.of(((State.Running) state).pid()))
        .orElse(OptionalInt.empty());
  }

  /**
   * Checks that the container whose PIDs are shared still runs, now that its namespace has been
   * opened: the process id in the specification could have become another process's otherwise.
   *
   * @throws CriException if it has ended meanwhile
   */
  void checkTarget(Prepared prepared) {
    ContainerConfig config = prepared.record.config();
    if (!targetPid(prepared.record.podId(), config).equals(prepared.targetPid)) {
      throw CriException.wrongState(
          "container %s: container %s, whose PID namespace is asked for, has ended"
              .formatted(
                  config.getMetadata().getName(),
                  config.getLinux().getSecurityContext().getNamespaceOptions().getTargetId()));
    }
  }

  private ContainerRecord record(
      String id, Pod pod, ContainerConfig config, ImageRecord image, OciSpec spec) {
    return new ContainerRecord(
        id,
        pod.id(),
        pod.runtimeHandler(),
        config,
        new ImageInUse(
            image.id().toString(),
            first(image.repoTags(), config.getImage().getImage()),
            first(image.repoDigests(), image.id().toString())),
        user(spec.process().orElseThrow().user()),
        StopSignals.effective(config.getStopSignal(), image.config().stopSignal().orElse("")),
        logPath(pod, config),
        config.getLinux().getResources(),
        clock.instant(),
        Optional.empty(),
        new State.Making());
  }

  private static String first(List<String> names, String otherwise) {
    return names.isEmpty() ? otherwise : names.get(0);
  }

  private static LinuxContainerUser user(OciUser user) {
    return LinuxContainerUser.newBuilder()
        .setUid(user.uid())
        .setGid(user.gid())
        .addAllSupplementalGroups(user.additionalGids())
        .build();
  }

  /** A log needs both halves of its path, see ContainerConfig.log_path. */
  private static Optional<Path> logPath(Pod pod, ContainerConfig config) {
    String directory = pod.config().getLogDirectory();
    if (directory.isEmpty() || config.getLogPath().isEmpty()) {
      return Optional.empty();
    }
    Path log = Path.of(directory, config.getLogPath());
    if (!log.normalize().startsWith(Path.of(directory).normalize())) {
      // It is relative to the directory by contract; the shim would write elsewhere as root.
      throw CriException.invalid(
          "log path %s leaves the pod's log directory %s"
              .formatted(config.getLogPath(), directory));
    }
    return Optional.of(log);
  }
}
