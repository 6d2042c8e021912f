package io.gantry.docker.engine.http;

import io.gantry.docker.engine.api.Exchange;
import io.gantry.docker.engine.api.Hijacked;
import io.gantry.docker.engine.api.Json;
import io.gantry.docker.engine.api.Request;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The answer to one request, as it is written onto its connection. */
final class Answer {
  private static final byte[] NOTHING = {};

  private final Connection connection;
  private final Head head;
  private final Incoming body;
  private final Outgoing out;
  private final List<String> headers;
  private final List<Runnable> whenGone = new ArrayList<>();
  private boolean begun;
  private boolean ended;
  private boolean gone;
  private boolean reusable;
  private Incoming raw;

  Answer(Connection connection, Head head, Incoming body, Outgoing out, List<String> everyAnswer) {
    this.connection = connection;
    this.head = head;
    this.body = body;
    this.out = out;
    this.headers = new ArrayList<>(everyAnswer);
    this.reusable = head.keepAlive() && !head.mayLeaveHttp();
  }

  Head head() {
    return head;
  }

  /** The exchange for a request that the service has made of the head. */
  Exchange to(Request request) {
    return new Of(request);
  }

  synchronized void closeAfterwards() {
    reusable = false;
  }

  /** From here on the client's bytes are no HTTP. */
  synchronized void leaveHttp(Incoming bytes) {
    raw = bytes;
    notifyAll();
  }

  /** The client has gone. */
  void gone() {
    List<Runnable> actions;
    synchronized (this) {
      gone = true;
      notifyAll();
      actions = ended ? List.of() : List.copyOf(whenGone);
    }
    actions.forEach(Runnable::run);
  }

  /** Ends an answer that its handler left open. */
  void finish() {
    boolean forgotten;
    synchronized (this) {
      forgotten = !ended;
      if (forgotten) {
        reusable = false; // Nobody knows how much of the answer the client has.
      }
    }
    if (forgotten) {
      end();
    }
  }

  private void end() {
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
    }
    connection.ended(reusable);
  }

  private synchronized void begin() throws IOException {
    if (begun) {
      throw new IOException("this request was answered before");
    }
    begun = true;
    if (!body.isEnded()) {
      reusable = false;
    }
  }

  private byte[] head(String status, List<String> more) {
    StringBuilder text = new StringBuilder("HTTP/1.1 ").append(status).append("\r\n");
    synchronized (this) {
      headers.forEach(header -> text.append(header).append("\r\n"));
    }
    more.forEach(header -> text.append(header).append("\r\n"));
    return text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  private String connectionHeader() {
    return reusable ? "Connection: keep-alive" : "Connection: close";
  }

  private static String words(int status) {
    return HttpResponseStatus.valueOf(status).toString();
  }

  /** One answer's exchange. */
  private final class Of implements Exchange {
    private final Request request;

    Of(Request request) {
      this.request = request;
    }

    @Override
    public Request request() {
      return request;
    }

    @Override
    public void header(String name, String value) {
      if (value.indexOf('\r') >= 0 || value.indexOf('\n') >= 0) {
        throw new IllegalArgumentException("header " + name + " with a line break");
      }
      synchronized (Answer.this) {
        headers.add(name + ": " + value);
      }
    }

    @Override
    public void answer(int status) throws IOException {
      send(status, List.of(), NOTHING);
    }

    @Override
    public void answer(int status, Object json) throws IOException {
      answer(status, "application/json", Json.bytes(json));
    }

    @Override
    public void answer(int status, String contentType, byte[] bytes) throws IOException {
      send(status, List.of("Content-Type: " + contentType), bytes);
    }

    private void send(int status, List<String> more, byte[] bytes) throws IOException {
      begin();
      List<String> all = new ArrayList<>(more);
      if (status != 204 && status != 304) {
        all.add("Content-Length: " + bytes.length);
      }
      all.add(connectionHeader());
      try {
        if (head.method().equals("HEAD")) {
          out.write(head(words(status), all));
        } else {
          out.write(head(words(status), all), bytes);
        }
      } finally {
        end();
      }
    }

    @Override
    public OutputStream stream(int status, String contentType) throws IOException {
      begin();
      out.write(
          head(
              words(status),
              List.of(
                  "Content-Type: " + contentType,
                  "Transfer-Encoding: chunked",
                  connectionHeader())));
      return out.chunked(Answer.this::end);
    }

    @Override
    public Hijacked hijack(String contentType) throws IOException {
      boolean upgrades = head.headers().containsKey("upgrade");
      return leave(
          upgrades ? "101 UPGRADED" : "200 OK",
          upgrades
              ? List.of("Content-Type: " + contentType, "Connection: Upgrade", "Upgrade: tcp")
              : List.of("Content-Type: " + contentType));
    }

    @Override
    public Hijacked upgrade(String protocol, String... moreHeaders) throws IOException {
      List<String> all = new ArrayList<>(List.of(moreHeaders));
      all.add("Connection: Upgrade");
      all.add("Upgrade: " + protocol);
      return leave("101 Switching Protocols", all);
    }

    private Hijacked leave(String status, List<String> more) throws IOException {
      if (!head.mayLeaveHttp()) {
        throw new IOException("the request has no header Upgrade");
      }
      InputStream input = awaitRaw();
      begin();
      out.write(head(status, more));
      OutputStream output = out.plain(() -> {});
      return new Hijacked() {
        @Override
        public InputStream input() {
          return input;
        }

        @Override
        public OutputStream output() {
          return output;
        }

        @Override
        public void close() {
          end();
        }
      };
    }

    /** The end of the request's body, after which the client's bytes are its own. */
    private InputStream awaitRaw() throws IOException {
      body.readAllBytes();
      synchronized (Answer.this) {
        while (raw == null && !gone) {
          try {
            Answer.this.wait();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
          }
        }
        if (raw == null) {
          throw new IOException("the client is gone");
        }
        return raw;
      }
    }

    @Override
    public boolean isBegun() {
      synchronized (Answer.this) {
        return begun;
      }
    }

    @Override
    public void onGone(Runnable action) {
      boolean now;
      synchronized (Answer.this) {
        now = gone;
        whenGone.add(action);
      }
      if (now) {
        action.run();
      }
    }
  }
}
