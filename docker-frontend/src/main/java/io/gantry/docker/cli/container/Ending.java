package io.gantry.docker.cli.container;

import io.gantry.docker.cli.api.Api;
import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.CommandFailure;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.http.Request;
import io.gantry.docker.cli.http.Response;
import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.json.JsonReader;
import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Waits for a container's end from before its start on, so that a short one is not missed. */
final class Ending implements Closeable {
  private static final int HEAD_SECONDS = 2;

  private final CountDownLatch accepted = new CountDownLatch(1);
  private final CountDownLatch known = new CountDownLatch(1);
  private final Session session;
  private final Query query;
  private volatile Response response;
  private volatile Json answer = Json.NULL;
  private volatile IOException failure;

  private Ending(Session session, Query query) {
    this.session = session;
    this.query = query;
  }

  /** Returns once the engine has said that it waits. */
  static Ending await(Session session, String id, String condition) throws InterruptedException {
    Ending ending =
        new Ending(session, Query.of("containers", id, "wait").with("condition", condition));
    Thread thread = new Thread(ending::read, "wait");
    thread.setDaemon(true);
    thread.start();
    // An engine that sends nothing before the end is waited for without being sure of it.
    if (!ending.accepted.await(HEAD_SECONDS, TimeUnit.SECONDS)) {
      return ending;
    }
    return ending;
  }

  private void read() {
    try (Response opened = session.api().call(Request.of("POST", query.toString()));
        JsonReader reader = Api.stream(opened.body())) {
      response = opened;
      accepted.countDown();
      answer = reader.next().orElse(Json.NULL);
    } catch (IOException e) {
      failure = e;
    } finally {
      accepted.countDown();
      known.countDown();
    }
  }

  /** The container's exit code, once it has ended. */
  int code() throws IOException, InterruptedException, CommandFailure {
    known.await();
    if (failure != null) {
      throw failure;
    }
    String error = answer.at("Error", "Message").text();
    if (!error.isEmpty()) {
      throw new CommandFailure("gantry: " + error, 125);
    }
    return (int) answer.get("StatusCode").number();
  }

  @Override
  public void close() throws IOException {
    Response opened = response;
    if (opened != null) {
      opened.close();
    }
  }
}
