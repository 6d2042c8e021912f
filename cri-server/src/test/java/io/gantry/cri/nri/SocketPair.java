package io.gantry.cri.nri;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** Two connected sockets. */
record SocketPair(SocketChannel here, SocketChannel there) implements AutoCloseable {
  static SocketPair open() throws IOException {
    Path directory = Files.createTempDirectory("nri");
    Path path = directory.resolve("s");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(path));
      SocketChannel there = SocketChannel.open(UnixDomainSocketAddress.of(path));
      return new SocketPair(server.accept(), there);
    } finally {
      Files.deleteIfExists(path);
      Files.delete(directory);
    }
  }

  @Override
  public void close() throws IOException {
    here.close();
    there.close();
  }
}
