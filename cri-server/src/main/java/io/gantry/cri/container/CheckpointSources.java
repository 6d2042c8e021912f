package io.gantry.cri.container;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gantry.cri.criu.CheckpointLayout;
import io.gantry.cri.criu.Criu;
import io.gantry.cri.grpc.CriException;
import io.gantry.image.ImageRecord;
import io.gantry.image.Images;
import io.gantry.image.failure.ImageException;
import io.gantry.proto.cri.v1.ContainerConfig;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Checkpoints as what containers are made from: a configuration whose image is the absolute path of
 * an archive. It is unpacked into a tree of the snapshots' that goes with the container, by the
 * same rules as layers of images, since nobody knows who has written it. Thread-safe.
 */
public final class CheckpointSources {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int CONFIG_LIMIT_BYTES = 1 << 20;

  private final Images images;
  private final Criu criu;

  public CheckpointSources(Images images, Criu criu) {
    this.images = images;
    this.criu = criu;
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

  static boolean isCheckpoint(ContainerConfig config) {
    return config.getImage().getImage().startsWith("/");
  }

  /** The key of the tree that a container's checkpoint is unpacked into. */
  static String key(String containerId) {
    return containerId + ".checkpoint";
  }

  /**
   * Unpacks the checkpoint that a configuration names.
   *
   * @throws CriException NOT_FOUND if there is no such archive, or not the image that it is based
   *     on; WRONG_STATE if CRIU does not work here; INVALID_REQUEST if it is no checkpoint
   */
  Source open(String id, ContainerConfig config, UndoStack undo)
      throws IOException, InterruptedException {
    String name = config.getImage().getImage();
    Path archive = archive(name);
    Path program = criu.require();
    undo.push(() -> images.snapshots().remove(key(id)));
    Path tree = Path.of(images.snapshots().prepare(key(id), Optional.empty()).get(0).source());
    try (InputStream in = new BufferedInputStream(Files.newInputStream(archive))) {
      images.snapshots().applyChanges(key(id), in);
    } catch (ImageException e) {
      if (e.kind() == ImageException.Kind.CORRUPT) {
        throw CriException.invalid("checkpoint " + name + ": " + e.getMessage());
      }
      throw e;
    }
    Path processes = tree.resolve(CheckpointLayout.IMAGES);
    requirePlainFiles(name, processes);
    Path changes = tree.resolve(CheckpointLayout.CHANGES);
    boolean changed = Files.isRegularFile(changes, LinkOption.NOFOLLOW_LINKS);
    return new Source(
        base(id, name), processes, changed ? Optional.of(changes) : Optional.empty(), program);
  }

  /** Gives a container, before its files are mounted, what the saved one had written. */
  void applyChanges(String id, Source source) throws IOException {
    if (source.changes().isPresent()) {
      try (InputStream in = new BufferedInputStream(Files.newInputStream(source.changes().get()))) {
        images.snapshots().applyChanges(id, in);
      }
    }
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
  private static void requirePlainFiles(String name, Path directory) throws IOException {
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      throw CriException.invalid(
          "checkpoint %s: it has no directory %s".formatted(name, CheckpointLayout.IMAGES));
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
          throw CriException.invalid(
              "checkpoint %s: %s is not a plain file".formatted(name, file.getFileName()));
        }
      }
    }
  }

  private ImageRecord base(String id, String name) throws IOException {
    byte[] text =
        images
            .snapshots()
            .readFile(key(id), "/" + CheckpointLayout.CONFIG, CONFIG_LIMIT_BYTES)
            .orElseThrow(
                () ->
                    CriException.invalid(
                        "checkpoint %s: it has no %s".formatted(name, CheckpointLayout.CONFIG)));
    List<String> names = imageNames(name, text);
    for (String candidate : names) {
      Optional<ImageRecord> found = images.find(candidate);
      if (found.isPresent()) {
        return found.get();
      }
    }
    throw CriException.notFound(
        "checkpoint %s: its container was made from image %s, which is not here: pull it first"
            .formatted(name, names.isEmpty() ? "(unnamed)" : names.get(names.size() - 1)));
  }

  /** The surest one first; archives of CRI-O's have a name where ours have an id. */
  private static List<String> imageNames(String name, byte[] text) {
    JsonNode config;
    try {
      config = JSON.readTree(text);
    } catch (IOException e) {
      throw CriException.invalid(
          "checkpoint %s: its %s is no JSON".formatted(name, CheckpointLayout.CONFIG));
    }
    List<String> names = new ArrayList<>();
    for (String key : List.of("rootfsImage", "rootfsImageRef", "rootfsImageName")) {
      String value = config.path(key).asText("");
      if (!value.isEmpty()) {
        names.add(value);
      }
    }
    return names;
  }
}
