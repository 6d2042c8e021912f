package io.gantry.docker.cli.container;

import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.CommandFailure;
import io.gantry.docker.cli.command.Each;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.Syntax;
import java.io.IOException;

/**
 * One call of the engine for each container named: stop, restart, kill, pause, unpause and rm.
 *
 * @param verb the last word of the call; none to remove it
 */
public record Acts(String verb, Syntax syntax) implements Command {
  private static final String MANY = "[OPTIONS] CONTAINER [CONTAINER...]";
  private static final String STOPPING =
      """
      -s, --signal string            Signal to begin with
      -t, --timeout, --time int      Seconds to wait before killing it
      """;

  public static Acts stop() {
    return of("stop", MANY, "Stop containers", STOPPING);
  }

  public static Acts restart() {
    return of("restart", MANY, "Stop containers, and start them again", STOPPING);
  }

  public static Acts kill() {
    return of(
        "kill",
        MANY,
        "Send a signal to containers, SIGKILL if none is named",
        """
        -s, --signal string   Signal to send
        """);
  }

  public static Acts pause() {
    return of("pause", "CONTAINER [CONTAINER...]", "Freeze all processes of containers", "");
  }

  public static Acts unpause() {
    return of("unpause", "CONTAINER [CONTAINER...]", "Let frozen containers go on", "");
  }

  public static Acts remove() {
    return of(
        "",
        MANY,
        "Remove containers",
        """
        -f, --force     Kill those that run
        -l, --link      Remove the link of that name
        -v, --volumes   Remove their anonymous volumes as well
        """);
  }

  private static Acts of(String verb, String usage, String summary, String options) {
    return new Acts(verb, Syntax.of(usage, summary, 1, Syntax.ANY, options));
  }

  @Override
  public int run(Session session, Arguments arguments)
      throws IOException, InterruptedException, CommandFailure {
    return Each.named(
        session,
        arguments.words(),
        name -> {
          if (verb.isEmpty()) {
            session
                .api()
                .delete(
                    Query.of("containers", name)
                        .with("v", arguments.on("volumes"))
                        .with("link", arguments.on("link"))
                        .with("force", arguments.on("force")));
            return;
          }
          Query query = Query.of("containers", name, verb);
          arguments.value("signal").ifPresent(signal -> query.with("signal", signal));
          arguments.value("timeout").ifPresent(seconds -> query.with("t", seconds));
          session.api().post(query);
        });
  }
}
