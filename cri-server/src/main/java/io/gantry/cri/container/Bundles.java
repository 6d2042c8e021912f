package io.gantry.cri.container;

import io.gantry.runtime.oci.OciSpec;
import io.gantry.runtime.oci.OciSpecException;
import io.gantry.runtime.oci.OciSpecReader;
import io.gantry.runtime.oci.OciSpecWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The bundle of each container: a directory with its specification and the place where its root
 * filesystem is mounted. Thread-safe for different containers.
 */
public final class Bundles {
  /** Where the specification says the root filesystem is, relative to the bundle. */
  public static final String ROOTFS = "rootfs";

  private static final String SPEC = "config.json";

  /** Environments hold secrets; nobody else on the node may read them. */
  private static final FileAttribute<?> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private static final FileAttribute<?> PRIVATE_FILE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final Path directory;

  public Bundles(Path directory) {
    this.directory = directory;
  }

  public Path path(String containerId) {
    return directory.resolve(containerId);
  }

  /** Makes a bundle; there must be none of this id. */
  void create(String containerId, OciSpec spec) throws IOException {
    Files.createDirectories(directory, PRIVATE);
    Path bundle = Files.createDirectory(path(containerId), PRIVATE);
    Files.createDirectory(bundle.resolve(ROOTFS), PRIVATE);
    Path file = Files.createFile(bundle.resolve(SPEC), PRIVATE_FILE);
    Files.writeString(file, OciSpecWriter.toJson(spec));
  }

  /** The specification as it was written; empty if the bundle is gone, as after a reboot. */
  public Optional<String> specText(String containerId) throws IOException {
    try {
      return Optional.of(Files.readString(path(containerId).resolve(SPEC), StandardCharsets.UTF_8));
    } catch (NoSuchFileException gone) {
      return Optional.empty();
    }
  }

  /** The specification; empty if the bundle is gone, as after a reboot. */
  public Optional<OciSpec> spec(String containerId) throws IOException {
    Optional<String> text = specText(containerId);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(OciSpecReader.parse(text.get()));
    } catch (OciSpecException e) {
      throw new IOException("specification of container " + containerId + ": " + e.getMessage(), e);
    }
  }

  /** Removes a bundle; does nothing if there is none. Links are removed, not followed. */
  public void remove(String containerId) throws IOException {
    Path bundle = path(containerId);
    if (!Files.exists(bundle, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    // Not to be walked through: shims of other makes mount the container's files here.
    Files.deleteIfExists(bundle.resolve(ROOTFS));
    Files.walkFileTree(
        bundle,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, IOException failed)
              throws IOException {
            if (failed != null) {
              throw failed;
            }
            Files.deleteIfExists(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** The ids of all bundles there are. */
  public List<String> list() throws IOException {
    List<String> ids = new ArrayList<>();
    try (DirectoryStream<Path> bundles = Files.newDirectoryStream(directory)) {
      bundles.forEach(bundle -> ids.add(bundle.getFileName().toString()));
    } catch (NoSuchFileException none) {
      return List.of();
    }
    return ids;
  }
}
