package io.gantry.cri.container;

import io.gantry.cri.criu.CheckpointLayout;
import io.gantry.cri.criu.Criu;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.image.ImageRecord;
import io.gantry.image.Images;
import io.gantry.image.failure.ImageException;
import io.gantry.image.snapshot.Snapshots;
import io.gantry.proto.cri.v1.ContainerConfig;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Checkpoints as what containers are made from: an archive, named by its absolute path in place of
 * an image; an image whose manifest says that it is a checkpoint; or a directory of a pod's
 * checkpoint. What CRIU is to read is kept under a key of the snapshots' that goes with the
 * container, and is unpacked by the same rules as layers of images, since nobody knows who has
 * written it. Thread-safe.
 */
public final class CheckpointSources {
  /**
   * What marks an image as a checkpoint; the value is the saved container's name. The first is
   * checkpointctl's and containerd's, the second was CRI-O's before.
   */
  static final List<String> MARKS =
      List.of(
          "org.criu.checkpoint.container.name", "io.kubernetes.cri-o.annotations.checkpoint.name");

  private static final int CONFIG_LIMIT_BYTES = 1 << 20;

  private final Images images;
  private final BaseImages bases;
  private final Criu criu;
  private final BooleanSupplier imagesAllowed;

  /**
   * @param imagesAllowed whether images that are checkpoints are restored: unlike a path, an image
   *     is named by whoever may run a pod
   */
  public CheckpointSources(Images images, Criu criu, BooleanSupplier imagesAllowed) {
    this.images = images;
    this.bases = new BaseImages(images);
    this.criu = criu;
    this.imagesAllowed = imagesAllowed;
  }

  /**
   * A checkpoint that a container is being made from.
   *
   * @param image what the saved container was made from
   * @param processes where CRIU's images are
   * @param changes the archive of what the saved container had written, if there is one
   * @param criu what is to restore it
   */
  public record Source(ImageRecord image, Path processes, Optional<Path> changes, Path criu) {}

  /** The key of what a container's checkpoint is kept under. */
  static String key(String containerId) {
    return containerId + ".checkpoint";
  }

  /**
   * The checkpoint that a configuration names, made ready, if it names one.
   *
   * @throws CriException NOT_FOUND if there is no such archive, or not the image that it is based
   *     on; WRONG_STATE if CRIU does not work here; FORBIDDEN if it is an image and images are not
   *     restored; INVALID_REQUEST if it is no checkpoint
   */
  Optional<Source> open(String id, ContainerConfig config, UndoStack undo)
      throws IOException, InterruptedException {
    String name = config.getImage().getImage();
    if (name.startsWith("/")) {
      return Optional.of(ofArchive(id, name, undo));
    }
    Optional<ImageRecord> image = images.find(name).filter(CheckpointSources::isCheckpoint);
    return image.isPresent() ? Optional.of(ofImage(id, name, image.get(), undo)) : Optional.empty();
  }

  private static boolean isCheckpoint(ImageRecord image) {
    return MARKS.stream()
        .anyMatch(
            mark ->
                image.annotations().containsKey(mark) || image.config().labels().containsKey(mark));
  }

  private Source ofArchive(String id, String name, UndoStack undo)
      throws IOException, InterruptedException {
    String what = "checkpoint " + name;
    Path archive = archive(name);
    Path program = criu.require();
    Path tree = tree(id, undo);
    try (InputStream in = new BufferedInputStream(Files.newInputStream(archive))) {
      snapshots().applyChanges(key(id), in);
    } catch (ImageException e) {
      if (e.kind() == ImageException.Kind.CORRUPT) {
        throw CriException.invalid(what + ": " + e.getMessage());
      }
      throw e;
    }
    requireProcesses(what, tree);
    return source(what, tree, config(id, what), program);
  }

  /**
   * Uses an image's layer as it lies. The archive is one layer, as every tool makes it: CRIU reads
   * one directory, and what is spread over layers would have to be mounted for it.
   */
  private Source ofImage(String id, String name, ImageRecord image, UndoStack undo)
      throws IOException, InterruptedException {
    String what = "checkpoint image " + name;
    if (!imagesAllowed.getAsBoolean()) {
      // CRIU gives processes the privileges that its files claim, whatever the pod may have.
      throw new CriException(
          Failure.FORBIDDEN,
          what
              + ": images are not restored here, since that gives a pod the privileges that the image claims; checkpoint.images allows it");
    }
    Path program = criu.require();
    undo.push(() -> snapshots().remove(key(id)));
    List<Path> layers =
        snapshots().view(key(id), image.topChainId()).stream()
            .filter(layer -> Files.exists(images(layer), LinkOption.NOFOLLOW_LINKS))
            .toList();
    if (layers.size() != 1) {
      throw CriException.invalid(
          "%s: %s layers have a directory %s, not one"
              .formatted(what, layers.size(), CheckpointLayout.IMAGES));
    }
    Path layer = layers.get(0);
    requireProcesses(what, layer);
    Path config = layer.resolve(CheckpointLayout.CONFIG);
    return source(what, layer, read(what, config), program);
  }

  /** A container's directory of a pod's checkpoint, which need not be there later on. */
  Source ofDirectory(String id, Path directory, UndoStack undo)
      throws IOException, InterruptedException {
    String what = "checkpoint " + directory;
    Path program = criu.require();
    requireProcesses(what, directory);
    Path copy = Files.createDirectory(images(tree(id, undo)));
    try (DirectoryStream<Path> files = Files.newDirectoryStream(images(directory))) {
      for (Path file : files) {
        Files.copy(file, copy.resolve(file.getFileName()), LinkOption.NOFOLLOW_LINKS);
      }
    }
    Source source =
        source(what, directory, read(what, directory.resolve(CheckpointLayout.CONFIG)), program);
    return new Source(source.image(), copy, source.changes(), program);
  }

  /** Gives a container, before its files are mounted, what the saved one had written. */
  void applyChanges(String id, Source source) throws IOException {
    if (source.changes().isPresent()) {
      try (InputStream in = new BufferedInputStream(Files.newInputStream(source.changes().get()))) {
        snapshots().applyChanges(id, in);
      }
    }
  }

  private Snapshots snapshots() {
    return images.snapshots();
  }

  private static Path images(Path directory) {
    return directory.resolve(CheckpointLayout.IMAGES);
  }

  /** An empty directory that goes with the container. */
  private Path tree(String id, UndoStack undo) throws IOException {
    undo.push(() -> snapshots().remove(key(id)));
    return Path.of(snapshots().prepare(key(id), Optional.empty()).get(0).source());
  }

  private Source source(String what, Path directory, byte[] config, Path program)
      throws IOException, InterruptedException {
    Path changes = directory.resolve(CheckpointLayout.CHANGES);
    boolean changed = Files.isRegularFile(changes, LinkOption.NOFOLLOW_LINKS);
    return new Source(
        bases.find(what, config),
        images(directory),
        changed ? Optional.of(changes) : Optional.empty(),
        program);
  }

  private static Path archive(String name) {
    try {
      Path archive = Path.of(name);
      if (Files.isRegularFile(archive)) {
        return archive;
      }
    } catch (InvalidPathException e) {
      throw CriException.invalid("checkpoint: the path is malformed: " + e.getReason());
    }
    throw CriException.notFound("checkpoint " + name + ": there is no such archive");
  }

  /** CRIU would follow a link to a file of the host, and make it a part of a container's memory. */
  private static void requireProcesses(String what, Path directory) throws IOException {
    if (!Files.isDirectory(images(directory), LinkOption.NOFOLLOW_LINKS)) {
      throw CriException.invalid(
          "%s: it has no directory %s".formatted(what, CheckpointLayout.IMAGES));
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(images(directory))) {
      for (Path file : files) {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
          throw CriException.invalid(
              "%s: %s is not a plain file".formatted(what, file.getFileName()));
        }
      }
    }
  }

  private byte[] config(String id, String what) throws IOException {
    return snapshots()
        .readFile(key(id), "/" + CheckpointLayout.CONFIG, CONFIG_LIMIT_BYTES)
        .orElseThrow(() -> noConfig(what));
  }

  private static byte[] read(String what, Path config) throws IOException {
    boolean fits =
        Files.isRegularFile(config, LinkOption.NOFOLLOW_LINKS)
            && Files.size(config) <= CONFIG_LIMIT_BYTES;
    if (!fits) {
      throw noConfig(what);
    }
    return Files.readAllBytes(config);
  }

  private static CriException noConfig(String what) {
    return CriException.invalid("%s: it has no %s".formatted(what, CheckpointLayout.CONFIG));
  }
}
