package io.gantry.docker.cli.http;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Sends requests, each over a connection of its own: to connect to a unix socket takes some
 * microseconds, and no answer can be taken for another's.
 */
public final class HttpClient {
  private static final int MAX_LINE = 64 * 1024;
  private static final int BUFFER = 32 * 1024;

  private final Endpoint endpoint;
  private final String userAgent;

  public HttpClient(Endpoint endpoint, String userAgent) {
    this.endpoint = endpoint;
    this.userAgent = userAgent;
  }

  public Endpoint endpoint() {
    return endpoint;
  }

  /**
   * Sends all of the request and reads the head of the answer.
   *
   * @throws ConnectFailure if nobody listens
   */
  public Response send(Request request) throws IOException {
    return exchange(request, false);
  }

  /**
   * Asks that the connection become a raw one after the answer. If the status is neither 101 nor
   * 200 it is an answer like any other. Otherwise the body is what comes raw, and the connection's
   * output is free to use.
   */
  public Response hijack(Request request) throws IOException {
    return exchange(request.with("Connection", "Upgrade").with("Upgrade", "tcp"), true);
  }

  private Response exchange(Request request, boolean hijack) throws IOException {
    Connection connection = connect();
    try {
      Sending sending = new Sending(request, connection, hijack);
      if (request.body().isPresent() && request.body().get().length() < 0) {
        // An engine may answer before it has all, and need not read the rest.
        Thread thread = new Thread(sending, "request");
        thread.setDaemon(true);
        thread.start();
      } else {
        sending.run();
      }
      try {
        return answer(request.method(), connection, hijack);
      } catch (IOException e) {
        throw sending.explained(e);
      }
    } catch (IOException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  /** A request on its way. */
  private final class Sending implements Runnable {
    private final Request request;
    private final Connection connection;
    private final boolean hijack;
    private volatile boolean refused;
    private volatile IOException failure;

    Sending(Request request, Connection connection, boolean hijack) {
      this.request = request;
      this.connection = connection;
      this.hijack = hijack;
    }

    @Override
    public void run() {
      try {
        write(request, new Watched(connection.out()), hijack);
      } catch (IOException e) {
        failure = e;
        if (!refused) {
          abandon();
        }
      }
    }

    /** What was to be sent cannot be had: the engine must not wait for it. */
    private void abandon() {
      try {
        connection.close();
      } catch (IOException e) {
        failure.addSuppressed(e);
      }
    }

    /** What kept the request from being sent says more than the missing answer. */
    IOException explained(IOException noAnswer) {
      IOException unsent = failure;
      if (unsent == null) {
        return noAnswer;
      }
      unsent.addSuppressed(noAnswer);
      return unsent;
    }

    /** An engine that refuses early closes its reading side; its answer says why. */
    private final class Watched extends OutputStream {
      private final OutputStream out;

      Watched(OutputStream out) {
        this.out = out;
      }

      @Override
      public void write(int single) throws IOException {
        write(new byte[] {(byte) single}, 0, 1);
      }

      @Override
      public void write(byte[] source, int offset, int length) throws IOException {
        try {
          out.write(source, offset, length);
        } catch (IOException e) {
          refused = true;
          throw e;
        }
      }

      @Override
      public void flush() throws IOException {
        out.flush();
      }
    }
  }

  private Connection connect() throws ConnectFailure {
    try {
      return endpoint.connect();
    } catch (IOException e) {
      throw new ConnectFailure(endpoint, e);
    }
  }

  private void write(Request request, OutputStream connection, boolean hijack) throws IOException {
    OutputStream out = new BufferedOutputStream(connection, BUFFER);
    StringBuilder head = new StringBuilder();
    head.append(request.method()).append(' ').append(request.target()).append(" HTTP/1.1\r\n");
    header(head, "Host", endpoint.host());
    header(head, "User-Agent", userAgent);
    if (!hijack) {
      header(head, "Connection", "close");
    }
    request.headers().forEach((name, value) -> header(head, name, value));
    Body body = request.body().orElse(null);
    if (body != null) {
      header(head, "Content-Type", body.contentType());
    }
    if (body != null && body.length() < 0) {
      header(head, "Transfer-Encoding", "chunked");
    } else if (body != null || request.method().equals("POST")) {
      header(head, "Content-Length", Long.toString(body == null ? 0 : body.length()));
    }
    head.append("\r\n");
    out.write(head.toString().getBytes(StandardCharsets.UTF_8));
    if (body != null && body.length() < 0) {
      out.flush();
      ChunkedOutput chunks = new ChunkedOutput(out);
      body.writeTo(chunks);
      chunks.close(); // only now: what broke off in the middle must not look whole
    } else if (body != null) {
      body.writeTo(out);
    }
    out.flush();
  }

  private static void header(StringBuilder head, String name, String value) {
    if (value.indexOf('\r') >= 0 || value.indexOf('\n') >= 0) {
      throw new IllegalArgumentException("a header holds one line: " + name);
    }
    head.append(name).append(": ").append(value).append("\r\n");
  }

  private Response answer(String method, Connection connection, boolean hijack) throws IOException {
    InputStream in = new BufferedInputStream(connection.in(), BUFFER);
    String line = line(in);
    String[] words = line.split(" ", 3);
    if (words.length < 2 || !words[0].startsWith("HTTP/1.")) {
      throw new IOException(endpoint + " does not speak HTTP/1.1; it said: " + line);
    }
    int status;
    try {
      status = Integer.parseInt(words[1]);
    } catch (NumberFormatException e) {
      throw new IOException(endpoint + " answered without a status: " + line, e);
    }
    Map<String, String> headers = headers(in);
    InputStream body;
    boolean raw = hijack && (status == 101 || status == 200);
    if (raw) {
      body = in;
    } else if (method.equals("HEAD") || status == 204 || status == 304) {
      body = InputStream.nullInputStream();
    } else if (headers.getOrDefault("transfer-encoding", "").equalsIgnoreCase("chunked")) {
      body = new ChunkedInput(in);
    } else if (headers.containsKey("content-length")) {
      body = new BoundedInput(in, length(headers.get("content-length")));
    } else {
      body = in;
    }
    return new Response(status, headers, body, connection);
  }

  private long length(String header) throws IOException {
    try {
      return Long.parseLong(header.strip());
    } catch (NumberFormatException e) {
      throw new IOException(endpoint + " answered with a bad Content-Length: " + header, e);
    }
  }

  private static Map<String, String> headers(InputStream in) throws IOException {
    Map<String, String> headers = new HashMap<>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
        headers.put(name, line.substring(colon + 1).strip());
      }
    }
    return headers;
  }

  static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("the engine closed the connection before it had answered");
      }
      if (line.length() > MAX_LINE) {
        throw new IOException("the engine answered with a header of more than 64 KiB");
      }
      line.append((char) c);
    }
    int end = line.length();
    if (end > 0 && line.charAt(end - 1) == '\r') {
      line.setLength(end - 1);
    }
    return line.toString();
  }
}
