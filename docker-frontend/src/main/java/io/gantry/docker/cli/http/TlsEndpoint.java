package io.gantry.docker.cli.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Optional;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * A TCP port with TLS.
 *
 * @param files the certificates of both sides
 * @param verify false to talk to whoever answers there
 */
public record TlsEndpoint(String address, int port, TlsFiles files, boolean verify)
    implements Endpoint {
  /** Any of them may be missing. */
  public record TlsFiles(Optional<Path> authority, Optional<Path> certificate, Optional<Path> key) {
    /** The names that docker gives them. */
    public static TlsFiles in(Path directory) {
      return new TlsFiles(
          Optional.of(directory.resolve("ca.pem")),
          Optional.of(directory.resolve("cert.pem")),
          Optional.of(directory.resolve("key.pem")));
    }
  }

  @Override
  public Connection connect() throws IOException {
    SSLSocket socket =
        (SSLSocket)
            new TlsContext(files, verify).make().getSocketFactory().createSocket(address, port);
    try {
      if (verify) {
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
      }
      socket.setTcpNoDelay(true);
      socket.startHandshake();
      return new TlsConnection(socket, socket.getInputStream(), socket.getOutputStream());
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  @Override
  public String host() {
    return address + ":" + port;
  }

  @Override
  public String toString() {
    return "tcp://" + host() + " (TLS)";
  }

  private record TlsConnection(SSLSocket socket, InputStream in, OutputStream out)
      implements Connection {
    @Override
    public void endOutput() throws IOException {
      socket.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
