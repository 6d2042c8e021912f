package io.gantry.docker.cli.container;

import io.gantry.docker.cli.api.ApiFailure;
import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.CommandFailure;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.json.JsonObject;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.BadUsage;
import io.gantry.docker.cli.option.Syntax;
import io.gantry.docker.cli.terminal.Terminal;
import java.io.IOException;
import java.util.List;

/** Runs a command in a container that runs. Exits as the command does. */
public final class ExecCommand implements Command {
  @Override
  public Syntax syntax() {
    return Syntax.of(
            "[OPTIONS] CONTAINER COMMAND [ARG...]",
            "Run a command in a container that runs",
            2,
            Syntax.ANY,
            """
            -d, --detach               Leave the command running
                --detach-keys string   Keys that leave it running (default: ctrl-p,ctrl-q)
            -e, --env list             Set a variable: NAME=VALUE, or NAME to pass it on
                --env-file list        Read variables from a file
            -i, --interactive          Keep standard input open
                --privileged           Give it all that the host may do
            -t, --tty                  Give it a terminal
            -u, --user string          User or UID, and group: user[:group]
            -w, --workdir string       Directory to begin in
            """)
        .withCommand();
  }

  @Override
  public int run(Session session, Arguments arguments)
      throws IOException, InterruptedException, BadUsage, CommandFailure {
    boolean tty = arguments.on("tty");
    boolean detached = arguments.on("detach");
    boolean input = arguments.on("interactive") && !detached;
    if (tty && input && !session.terminal().reads()) {
      throw new CommandFailure(
          "the input device is not a TTY; leave -t out to use gantry in a pipe");
    }
    Terminal.Size size =
        tty && session.terminal().writes() ? session.terminal().size() : Terminal.Size.UNKNOWN;
    JsonObject exec = new JsonObject();
    exec.put("AttachStdin", input);
    exec.put("AttachStdout", !detached);
    exec.put("AttachStderr", !detached);
    exec.put("Tty", tty);
    exec.put("Cmd", arguments.words().subList(1, arguments.words().size()));
    exec.put(
        "Env",
        Pairs.variables(
            session.environment(), arguments.values("env-file"), arguments.values("env")));
    exec.put("Privileged", arguments.on("privileged"));
    Resources.text(exec, arguments, "user", "User");
    Resources.text(exec, arguments, "workdir", "WorkingDir");
    Resources.text(exec, arguments, "detach-keys", "DetachKeys");
    Json console = Json.array(List.of(Json.of(size.rows()), Json.of(size.columns())));
    if (size.isKnown()) {
      exec.put("ConsoleSize", console);
    }
    String id =
        session
            .api()
            .post(Query.of("containers", arguments.word(0), "exec"), exec.build())
            .get("Id")
            .text();
    JsonObject start = new JsonObject().put("Detach", detached).put("Tty", tty);
    if (size.isKnown()) {
      start.put("ConsoleSize", console);
    }
    try {
      if (detached) {
        session.api().post(Query.of("exec", id, "start"), start.build());
        return 0;
      }
      try (Attached attached =
          Attached.exec(session, id, start.build(), tty, input, arguments.value("detach-keys"))) {
        attached.begin();
        if (attached.stream() == Attached.End.DETACHED) {
          return 0;
        }
      }
    } catch (ApiFailure e) {
      int code = StartCodes.of(e.words());
      throw new CommandFailure(e.getMessage(), code == 125 ? 1 : code);
    }
    return (int) session.api().get(Query.of("exec", id, "json")).get("ExitCode").number();
  }
}
