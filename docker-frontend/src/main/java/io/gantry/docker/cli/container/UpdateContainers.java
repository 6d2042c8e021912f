package io.gantry.docker.cli.container;

import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.CommandFailure;
import io.gantry.docker.cli.command.Each;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.json.JsonObject;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.BadUsage;
import io.gantry.docker.cli.option.Syntax;
import java.io.IOException;

/** Changes the limits of containers. */
public final class UpdateContainers implements Command {
  @Override
  public Syntax syntax() {
    return Syntax.of(
        "[OPTIONS] CONTAINER [CONTAINER...]",
        "Change the limits of containers",
        1,
        Syntax.ANY,
        """
            --blkio-weight uint16        Weight of block I/O, 10 to 1000
            --cpu-period int             Period of the CPU quota, in microseconds
            --cpu-quota int              CPU time in each period, in microseconds
        -c, --cpu-shares int             Share of CPU time, relative to others'
            --cpus decimal               Number of CPUs
            --cpuset-cpus string         CPUs that may be used, such as 0-3 or 0,1
            --cpuset-mems string         Memory nodes that may be used
        -m, --memory bytes               Memory at most
            --memory-reservation bytes   Memory that is kept for it
            --memory-swap bytes          Memory and swap at most; -1 for any amount of swap
            --pids-limit int             Processes at most; -1 for any number
            --restart string             When to start it again
        """);
  }

  @Override
  public int run(Session session, Arguments arguments)
      throws IOException, InterruptedException, BadUsage, CommandFailure {
    JsonObject body = new JsonObject();
    Resources.put(body, arguments);
    if (arguments.has("restart")) {
      body.put("RestartPolicy", Resources.restartPolicy(arguments.value("restart", "no")));
    }
    if (body.isEmpty()) {
      throw BadUsage.words("requires something to change; see --help");
    }
    Json changes = body.build();
    return Each.named(
        session,
        arguments.words(),
        name -> {
          Json answer = session.api().post(Query.of("containers", name, "update"), changes);
          answer.get("Warnings").texts().forEach(session.err()::println);
        });
  }
}
