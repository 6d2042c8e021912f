package io.gantry.docker.cli.http;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/**
 * A unix socket.
 *
 * @param socket its path
 */
public record UnixEndpoint(Path socket) implements Endpoint {
  @Override
  public Connection connect() throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
      return new ChannelConnection(channel);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  @Override
  public String host() {
    return "docker";
  }

  @Override
  public String toString() {
    return "unix://" + socket;
  }
}
