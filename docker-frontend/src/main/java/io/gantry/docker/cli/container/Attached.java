package io.gantry.docker.cli.container;

import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.CommandFailure;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.http.Response;
import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.terminal.DetachKeys;
import io.gantry.docker.cli.terminal.Signals;
import io.gantry.docker.cli.terminal.Terminal;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;

/**
 * The user's streams, tied to those of a container or of a command in it. If both have a terminal,
 * the user's passes on each key and the other's takes its size.
 */
final class Attached implements Closeable {
  /** How it came to an end. */
  enum End {
    OVER,
    DETACHED
  }

  private final Session session;
  private final Response connection;
  private final boolean tty;
  private final boolean input;
  private final DetachKeys keys;
  private final Query resize;
  private volatile boolean detached;

  private Attached(
      Session session,
      Response connection,
      boolean tty,
      boolean input,
      DetachKeys keys,
      Query resize) {
    this.session = session;
    this.connection = connection;
    this.tty = tty;
    this.input = input;
    this.keys = keys;
    this.resize = resize;
  }

  /** Attaches to a container, which need not run yet. */
  static Attached open(Session session, Attaching how, boolean replay)
      throws IOException, CommandFailure {
    Query query =
        Query.of("containers", how.id(), "attach")
            .with("stream", true)
            .with("logs", replay)
            .with("stdin", how.input())
            .with("stdout", how.output())
            .with("stderr", how.errors());
    DetachKeys keys = keys(session, how.keys(), query);
    Response connection = session.api().hijack(query, Json.NULL);
    Attached attached =
        new Attached(
            session,
            connection,
            how.tty(),
            how.input(),
            keys,
            Query.of("containers", how.id(), "resize"));
    if (how.proxy() && !how.tty()) {
      proxySignals(session, how.id());
    }
    return attached;
  }

  /** Starts a command that was made ready. */
  static Attached exec(
      Session session, String id, Json start, boolean tty, boolean input, Optional<String> given)
      throws IOException, CommandFailure {
    DetachKeys keys = keys(session, given, Query.of("exec"));
    Response connection = session.api().hijack(Query.of("exec", id, "start"), start);
    return new Attached(session, connection, tty, input, keys, Query.of("exec", id, "resize"));
  }

  private static DetachKeys keys(Session session, Optional<String> given, Query query)
      throws IOException, CommandFailure {
    Optional<String> chosen = given.isPresent() ? given : session.settings().text("detachKeys");
    chosen.ifPresent(sequence -> query.with("detachKeys", sequence));
    try {
      return DetachKeys.parse(chosen.orElse(DetachKeys.DEFAULT));
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(e.getMessage(), 125);
    }
  }

  private static void proxySignals(Session session, String id) {
    for (String signal : Signals.PROXIED) {
      Signals.handle(
          signal,
          () -> {
            try {
              session.api().post(Query.of("containers", id, "kill").with("signal", "SIG" + signal));
            } catch (IOException e) {
              session
                  .err()
                  .println("signal " + signal + " could not be passed on: " + e.getMessage());
              session.err().flush();
            }
          });
    }
  }

  /** To be called once the other side runs, and has a size that can be changed. */
  void begin() throws IOException {
    Terminal terminal = session.terminal();
    if (tty && terminal.reads() && input) {
      terminal.makeRaw();
    }
    if (tty && (terminal.reads() || terminal.writes())) {
      tellSize();
      terminal.onResize(this::tellSize);
    }
    if (input) {
      Thread thread = new Thread(this::copyInput, "standard input");
      thread.setDaemon(true);
      thread.start();
    }
  }

  private void tellSize() {
    Terminal.Size size = session.terminal().size();
    if (!size.isKnown()) {
      return;
    }
    try {
      Query query = Query.parse(resize.toString());
      session
          .api()
          .post(
              query
                  .with("h", Integer.toString(size.rows()))
                  .with("w", Integer.toString(size.columns())));
    } catch (IOException e) {
      // it may have ended already; a size is no reason to fail
    }
  }

  private void copyInput() {
    byte[] buffer = new byte[16 * 1024];
    InputStream in = session.streams().in();
    OutputStream out = connection.connection().out();
    try {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        if (!tty) {
          out.write(buffer, 0, count);
          continue;
        }
        byte[] passed = keys.filter(buffer, count);
        if (passed == null) {
          detached = true;
          connection.close();
          return;
        }
        out.write(passed);
      }
      connection.connection().endOutput();
    } catch (IOException e) {
      // the other side has ended, and its output says so
    }
  }

  /** Copies output until there is no more, or the user leaves. */
  End stream() throws IOException, CommandFailure {
    try {
      Frames.copy(connection.body(), tty, session.streams());
    } catch (IOException e) {
      if (!detached) {
        throw e;
      }
    } finally {
      session.terminal().restore();
    }
    return detached ? End.DETACHED : End.OVER;
  }

  @Override
  public void close() throws IOException {
    session.terminal().restore();
    connection.close();
  }
}
