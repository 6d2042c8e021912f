package io.gantry.docker.engine.http;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The socket's place in the file system. It is bound where only root can go and then moved, so that
 * it is never open to others.
 */
final class SocketFile implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SocketFile.class);
  private static final String MODE = "rw-rw----";

  private final Path socket;
  private final Path directory;
  private boolean open;

  private SocketFile(Path socket, Path directory) {
    this.socket = socket;
    this.directory = directory;
  }

  /**
   * Takes a path that nobody serves.
   *
   * @throws IOException if somebody does, or something else lies there
   */
  static SocketFile claim(Path socket) throws IOException {
    Files.createDirectories(socket.getParent());
    if (Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
      refuseUnlessLeft(socket);
    }
    // Short, because a socket's path may have 107 bytes only.
    Path directory =
        socket.resolveSibling(".d%04x".formatted(socket.getFileName().hashCode() & 0xffff));
    Files.deleteIfExists(directory.resolve("s")); // A daemon was killed right here.
    Files.deleteIfExists(directory);
    Files.createDirectory(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    return new SocketFile(socket, directory);
  }

  private static void refuseUnlessLeft(Path socket) throws IOException {
    boolean isOther =
        Files.isRegularFile(socket, LinkOption.NOFOLLOW_LINKS)
            || Files.isDirectory(socket, LinkOption.NOFOLLOW_LINKS)
            || Files.isSymbolicLink(socket);
    if (isOther) {
      throw new IOException("listen on " + socket + ": the path exists and is no socket");
    }
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      probe.connect(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      return; // Nobody accepts: left over from a daemon that was killed.
    }
    throw new IOException("listen on " + socket + ": another process serves this socket");
  }

  /** Where to bind the socket. */
  Path bindAt() {
    return directory.resolve("s");
  }

  /** Puts the bound socket where clients look for it. */
  void open(String group) throws IOException {
    Path bound = bindAt();
    Files.setPosixFilePermissions(bound, PosixFilePermissions.fromString(MODE));
    if (!group.isEmpty()) {
      giveTo(group, bound);
    }
    Files.move(bound, socket, StandardCopyOption.ATOMIC_MOVE);
    open = true;
    Files.deleteIfExists(directory);
  }

  private static void giveTo(String group, Path bound) throws IOException {
    GroupPrincipal principal;
    try {
      principal =
          bound.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(group);
    } catch (UserPrincipalNotFoundException e) {
      log.atDebug().addKeyValue("group", group).log("no such group: the socket is root's");
      return;
    }
    Files.getFileAttributeView(bound, PosixFileAttributeView.class).setGroup(principal);
  }

  @Override
  public void close() {
    try {
      Files.deleteIfExists(bindAt());
      Files.deleteIfExists(directory);
      if (open) {
        Files.deleteIfExists(socket);
      }
    } catch (IOException e) {
      log.atWarn().addKeyValue("socket", socket).addKeyValue("error", e).log("could not delete");
    }
  }
}
