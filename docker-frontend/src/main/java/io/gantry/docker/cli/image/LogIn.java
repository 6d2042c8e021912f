package io.gantry.docker.cli.image;

import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.CommandFailure;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.json.JsonObject;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.BadUsage;
import io.gantry.docker.cli.option.Syntax;
import io.gantry.docker.cli.settings.Credentials;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Has the engine try who the user is at a registry, and remembers it if it is true. */
public final class LogIn implements Command {
  @Override
  public Syntax syntax() {
    return Syntax.of(
        "[OPTIONS] [SERVER]",
        "Log in to a registry",
        0,
        1,
        """
        -p, --password string   Password; others can see it in the list of processes
            --password-stdin    Read the password from standard input
        -u, --username string   User
        """);
  }

  @Override
  public int run(Session session, Arguments arguments)
      throws IOException, BadUsage, CommandFailure {
    String registry = registry(arguments);
    if (arguments.has("password") && arguments.on("password-stdin")) {
      throw BadUsage.flag(
          "conflicting options: --password and --password-stdin cannot be used together");
    }
    if (arguments.on("password-stdin") && !arguments.has("username")) {
      throw BadUsage.flag("--password-stdin needs --username");
    }
    String user = arguments.value("username", "");
    if (user.isEmpty()) {
      user = ask(session, "Username: ", true);
    }
    String password = arguments.value("password", "");
    if (arguments.has("password")) {
      session
          .err()
          .println("WARNING! Using --password via the CLI is insecure. Use --password-stdin.");
    } else if (arguments.on("password-stdin")) {
      password =
          new String(session.streams().in().readAllBytes(), StandardCharsets.UTF_8)
              .replaceFirst("\r?\n$", "");
    } else {
      password = ask(session, "Password: ", false);
    }
    if (user.isEmpty() || password.isEmpty()) {
      throw new CommandFailure("login needs a user and a password");
    }
    JsonObject credentials =
        new JsonObject()
            .put("username", user)
            .put("password", password)
            .put("serveraddress", registry);
    Json answer = session.api().post(Query.of("auth"), credentials.build());
    String token = answer.get("IdentityToken").text();
    if (!token.isEmpty()) {
      credentials.put("password", "").put("identitytoken", token);
    }
    String place = new Credentials(session.settings()).keep(registry, credentials.build());
    if (place.endsWith(".json")) {
      session.err().println();
      session.err().println("WARNING! Your credentials are stored unencrypted in '" + place + "'.");
      session.err().println("Next: a helper keeps them better: set credsStore there");
      session.err().println();
    }
    String status = answer.get("Status").text();
    session.out().println(status.isEmpty() ? "Login Succeeded" : status);
    return 0;
  }

  static String registry(Arguments arguments) {
    String given = arguments.wordIfAny(0).orElse("");
    boolean hub = given.isEmpty() || given.equals("docker.io") || given.equals("index.docker.io");
    if (hub) {
      return Credentials.DOCKER_HUB;
    }
    String host = given.replaceFirst("^https?://", "");
    int slash = host.indexOf('/');
    return slash < 0 ? host : host.substring(0, slash);
  }

  private static String ask(Session session, String question, boolean shown)
      throws IOException, CommandFailure {
    if (!session.terminal().reads()) {
      throw new CommandFailure(
          "Error: Cannot perform an interactive login from a non TTY device; use --username and"
              + " --password-stdin");
    }
    session.out().print(question);
    session.out().flush();
    if (!shown) {
      session.terminal().hideTyping();
    }
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    try {
      for (int c = session.streams().in().read();
          c >= 0 && c != '\n';
          c = session.streams().in().read()) {
        line.write(c);
      }
    } finally {
      session.terminal().restore();
    }
    if (!shown) {
      session.out().println();
    }
    return line.toString(StandardCharsets.UTF_8).strip();
  }
}
