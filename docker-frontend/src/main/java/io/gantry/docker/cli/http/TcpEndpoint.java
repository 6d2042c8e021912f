package io.gantry.docker.cli.http;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;

/** A TCP port, without TLS. */
public record TcpEndpoint(String address, int port) implements Endpoint {
  @Override
  public Connection connect() throws IOException {
    SocketChannel channel = SocketChannel.open();
    try {
      channel.connect(new InetSocketAddress(address, port));
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      return new ChannelConnection(channel);
    } catch (IOException e) {
      channel.close();
      throw e;
    } catch (RuntimeException e) { // UnresolvedAddressException has no message
      channel.close();
      throw new IOException("no address is known of the name " + address, e);
    }
  }

  @Override
  public String host() {
    return address + ":" + port;
  }

  @Override
  public String toString() {
    return "tcp://" + host();
  }
}
