package io.gantry.cri.checkpoint;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.cri.container.ContainerRecord;
import io.gantry.cri.container.ContainerView;
import io.gantry.cri.criu.CheckpointLayout;
import io.gantry.cri.protojson.ProtoJson;
import io.gantry.image.archive.TarWriter;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * The form that checkpoints of containers have on disk, as checkpointctl reads it and CRI-O writes
 * it: a directory, and the same as a tar archive.
 */
final class Archive {
  /** How Go writes a time that was never set. */
  private static final String NEVER = "0001-01-01T00:00:00Z";

  /** A process's memory holds secrets. */
  static final FileAttribute<?> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private Archive() {}

  /**
   * Writes what is known of a container.
   *
   * @param spec its OCI specification, as JSON
   */
  static void describe(Path directory, ContainerRecord record, String spec, Instant now)
      throws IOException {
    ObjectNode config = JsonNodeFactory.instance.objectNode();
    config
        .put("id", record.id())
        .put("name", record.config().getMetadata().getName())
        .put("rootfsImage", record.image().id())
        .put("rootfsImageRef", record.image().reference())
        .put("rootfsImageName", record.image().name())
        .put("runtime", "gantry")
        .put("createdTime", record.createdAt().toString())
        .put("checkpointedTime", now.toString())
        .put("restoredTime", NEVER)
        .put("restored", false);
    Files.writeString(directory.resolve(CheckpointLayout.CONFIG), config.toPrettyString());
    Files.writeString(directory.resolve(CheckpointLayout.SPEC), spec);
    Files.writeString(
        directory.resolve(CheckpointLayout.STATUS),
        ProtoJson.toIndentedText(ContainerView.status(record)));
  }

  /**
   * Packs the directory. The archive is there whole and on disk, or not at all; one that was there
   * before is replaced.
   */
  static void pack(Path directory, Path location, TimeLimit limit) throws IOException {
    Path partial = location.resolveSibling("." + location.getFileName() + "." + UUID.randomUUID());
    try {
      Files.createFile(partial, PRIVATE);
      try (OutputStream out = Files.newOutputStream(partial)) {
        write(directory, limit.on(new BufferedOutputStream(out)));
      }
      sync(partial);
      Files.move(partial, location, StandardCopyOption.ATOMIC_MOVE);
      sync(location.getParent());
    } finally {
      Files.deleteIfExists(partial);
    }
  }

  private static void write(Path directory, OutputStream out) throws IOException {
    TarWriter tar = new TarWriter(out);
    List<Path> all;
    try (Stream<Path> walk = Files.walk(directory)) {
      all = walk.filter(path -> !path.equals(directory)).sorted().toList();
    }
    for (Path path : all) {
      String name = directory.relativize(path).toString();
      if (Files.isDirectory(path)) {
        tar.directory(name, 0700);
      } else {
        tar.file(name, path, 0600);
      }
    }
    tar.finish();
  }

  private static void sync(Path path) throws IOException {
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      file.force(true);
    }
  }
}
