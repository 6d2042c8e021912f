package io.gantry.cri.nri;

import java.io.Closeable;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The socket on which plugins connect. */
final class PluginSocket implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(PluginSocket.class);

  private final Path path;
  private final ServerSocketChannel listener;

  private PluginSocket(Path path, ServerSocketChannel listener) {
    this.path = path;
    this.listener = listener;
  }

  /**
   * Listens; a socket that nobody listens on any more is replaced.
   *
   * @param connected takes each connection, and must return at once
   * @throws IOException if another process listens there, or none can
   */
  static PluginSocket listen(Path path, Consumer<SocketChannel> connected) throws IOException {
    var address = UnixDomainSocketAddress.of(path);
    if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      if (isServed(address)) {
        throw new IOException(
            "another process listens on " + path + "; set nri.socket to another path");
      }
      Files.delete(path);
    }
    Files.createDirectories(path.getParent());
    ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      listener.bind(address);
      // Who can connect decides over every container on the node.
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
    } catch (IOException e) {
      listener.close();
      throw new IOException("listen on " + path + ": " + e.getMessage(), e);
    }
    PluginSocket socket = new PluginSocket(path, listener);
    Thread acceptor = new Thread(() -> socket.accept(connected), "nri-accept");
    acceptor.setDaemon(true);
    acceptor.start();
    return socket;
  }

  private static boolean isServed(UnixDomainSocketAddress address) {
    try (SocketChannel probe = SocketChannel.open(address)) {
      return probe.isConnected();
    } catch (IOException refused) {
      return false;
    }
  }

  private void accept(Consumer<SocketChannel> connected) {
    try {
      while (true) {
        connected.accept(listener.accept());
      }
    } catch (ClosedChannelException e) {
      // The daemon ends.
    } catch (IOException e) {
      log.atError()
          .setCause(e)
          .addKeyValue("socket", path)
          .log("no more NRI plugins can connect until the daemon is restarted");
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    Files.deleteIfExists(path);
  }
}
