package io.gantry.docker.cli.image;

import io.gantry.docker.cli.api.Api;
import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.CommandFailure;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.http.Request;
import io.gantry.docker.cli.http.Response;
import io.gantry.docker.cli.progress.Progress;
import io.gantry.docker.cli.settings.Credentials;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Optional;

/**
 * Gets images from registries.
 *
 * @param out where progress is shown
 * @param terminal whether that is a terminal
 */
public record Pulling(Session session, PrintStream out, boolean terminal) {
  /** With the tag that is meant if none is named. */
  public static String tagged(String image) {
    boolean complete = image.contains("@") || image.lastIndexOf(':') > image.lastIndexOf('/');
    return complete ? image : image + ":latest";
  }

  /** Gets one image. */
  public void pull(String image, Optional<String> platform, boolean quiet)
      throws IOException, CommandFailure {
    Query query = Query.of("images", "create");
    String name = tagged(image);
    int at = name.indexOf('@');
    int colon = name.lastIndexOf(':');
    query.with("fromImage", at > 0 ? name.substring(0, at) : name.substring(0, colon));
    query.with("tag", at > 0 ? name.substring(at + 1) : name.substring(colon + 1));
    send(query, image, platform, quiet);
  }

  /** Gets all tags of a repository. */
  void pullAll(String repository, Optional<String> platform, boolean quiet)
      throws IOException, CommandFailure {
    send(Query.of("images", "create").with("fromImage", repository), repository, platform, quiet);
  }

  private void send(Query query, String image, Optional<String> platform, boolean quiet)
      throws IOException, CommandFailure {
    platform.ifPresent(each -> query.with("platform", each));
    Request request =
        Request.of("POST", query.toString()).with("X-Registry-Auth", auth(session, image));
    PrintStream shown = quiet ? new PrintStream(new ByteArrayOutputStream()) : out;
    int columns = terminal && !quiet ? session.terminal().size().columns() : 0;
    try (Response response = session.api().call(request)) {
      new Progress(shown, terminal && !quiet, columns).show(response.body(), aux -> {});
    }
  }

  /** Who the user is at the image's registry. */
  static String auth(Session session, String image) throws IOException {
    return Api.header(new Credentials(session.settings()).of(Credentials.registryOf(image)));
  }
}
