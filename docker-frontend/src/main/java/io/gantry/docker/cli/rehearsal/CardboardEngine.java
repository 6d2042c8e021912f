package io.gantry.docker.cli.rehearsal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Answers each request with something of the right shape. It is no engine, and keeps nothing. */
final class CardboardEngine implements AutoCloseable {
  private static final String CONTAINERS =
      """
      [{"Id":"0123456789abcdef","Names":["/web"],"Image":"nginx","ImageID":"sha256:0","Command":"sh",\
      "Created":1700000000,"State":"running","Status":"Up 2 hours","Labels":{"a":"b"},"Mounts":[],\
      "Ports":[{"IP":"0.0.0.0","PrivatePort":80,"PublicPort":8080,"Type":"tcp"}],\
      "NetworkSettings":{"Networks":{"bridge":{}}}}]
      """;
  private static final String IMAGES =
      """
      [{"Id":"sha256:0123456789abcdef","RepoTags":["nginx:latest"],"RepoDigests":[],\
      "Created":1700000000,"Size":12345678,"SharedSize":-1,"Containers":-1}]
      """;
  private static final String OBJECT =
      """
      {"Id":"0123456789abcdef","ID":"0123456789abcdef","Name":"/web","Version":"1","ApiVersion":"1.50",\
      "StatusCode":0,"Running":false,"ExitCode":0,"Config":{"Tty":false},"State":{"Running":true},\
      "Components":[{"Name":"Engine","Details":{}}],"status":"Pulling","id":"0123456789ab",\
      "progressDetail":{"current":1,"total":2}}
      """;
  private static final byte[] FRAME = {1, 0, 0, 0, 0, 0, 0, 3, 'h', 'i', '\n'};

  private final ServerSocketChannel server;
  private final Path socket;

  CardboardEngine(Path socket) throws IOException {
    this.socket = socket;
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    Thread thread = new Thread(this::serve, "cardboard engine");
    thread.setDaemon(true);
    thread.start();
  }

  Path socket() {
    return socket;
  }

  private void serve() {
    while (true) {
      try (SocketChannel client = server.accept()) {
        answer(client);
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException e) {
        throw new UncheckedIOException("answer in a rehearsal", e);
      }
    }
  }

  private static void answer(SocketChannel client) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
    String head = "";
    while (!head.contains("\r\n\r\n")) {
      if (client.read(buffer) < 0) {
        return;
      }
      head = new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
    }
    String target = head.substring(0, head.indexOf('\n'));
    if (head.contains("Upgrade: tcp")) {
      send(
          client,
          "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/x\r\n\r\n"
              .getBytes(StandardCharsets.UTF_8));
      send(client, FRAME);
      return;
    }
    String body =
        target.contains("/containers/json")
            ? CONTAINERS
            : target.contains("/images/json") ? IMAGES : OBJECT;
    if (target.contains("/logs")) {
      body = "";
    }
    int length = body.getBytes(StandardCharsets.UTF_8).length;
    String answer =
        "HTTP/1.1 200 OK\r\nApi-Version: 1.50\r\nContent-Type: application/json\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n"
            + (length == 0 ? "" : Integer.toHexString(length) + "\r\n" + body + "\r\n")
            + "0\r\n\r\n";
    send(client, answer.getBytes(StandardCharsets.UTF_8));
  }

  private static void send(SocketChannel client, byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      client.write(buffer);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
