package io.gantry.cri.checkpoint;

import io.gantry.cri.container.Container;
import io.gantry.cri.container.Containers;
import io.gantry.cri.container.State;
import io.gantry.cri.grpc.CriException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directories that containers are saved in, each named by its container. That one is there also
 * says that its container may be frozen: a daemon that finds it thaws the container. Thread-safe.
 */
public final class Workspaces {
  private static final Logger log = LoggerFactory.getLogger(Workspaces.class);

  /** A process's memory holds secrets. */
  static final FileAttribute<?> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private final Path directory;

  public Workspaces(Path directory) {
    this.directory = directory;
  }

  /**
   * Makes the directory of a container.
   *
   * @throws CriException WRONG_STATE if it is being saved already
   */
  Path begin(String containerId) throws IOException {
    Files.createDirectories(directory, PRIVATE);
    try {
      return Files.createDirectory(directory.resolve(containerId), PRIVATE);
    } catch (FileAlreadyExistsException e) {
      throw CriException.wrongState("container " + containerId + " is being saved already");
    }
  }

  /** Removes the directory of a container with all in it. */
  void end(String containerId) throws IOException {
    delete(directory.resolve(containerId));
  }

  /** Thaws what an earlier daemon left frozen, and removes what it had saved. */
  public void recover(Containers containers) throws IOException {
    for (Path left : list()) {
      String id = left.getFileName().toString();
      Optional<Container> container = containers.find(id);
      if (container.isPresent()) {
        resume(container.get());
      }
      delete(left);
    }
  }

  private List<Path> list() throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      entries.forEach(found::add);
    } catch (NoSuchFileException none) {
      return List.of();
    }
    return found;
  }

  /** Thaws a container that may be frozen. */
  static void resume(Container container) {
    if (!(container.state() instanceof State.Running) || container.shim().isEmpty()) {
      return;
    }
    try {
      container.shim().get().resume(container.id());
      log.atInfo()
          .addKeyValue("container", container.id())
          .log("container goes on: saving it was broken off");
    } catch (IOException e) {
      log.atWarn()
          .addKeyValue("container", container.id())
          .setCause(e)
          .log("container may be frozen since saving it was broken off");
    }
  }

  /** Removes a tree, if there is one. */
  static void delete(Path tree) throws IOException {
    List<Path> all;
    try (Stream<Path> walk = Files.walk(tree)) {
      all = walk.sorted(Comparator.reverseOrder()).toList();
    } catch (NoSuchFileException gone) {
      return;
    }
    for (Path path : all) {
      Files.deleteIfExists(path);
    }
  }
}
