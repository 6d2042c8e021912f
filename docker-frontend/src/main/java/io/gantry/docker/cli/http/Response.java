package io.gantry.docker.cli.http;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;

/**
 * An answer. Closing it closes its connection, so that the server learns of it.
 *
 * @param headers by their names in lower case
 * @param body ends where the answer does
 */
public record Response(
    int status, Map<String, String> headers, InputStream body, Connection connection)
    implements Closeable {
  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name.toLowerCase(java.util.Locale.ROOT)));
  }

  @Override
  public void close() throws IOException {
    connection.close();
  }
}
