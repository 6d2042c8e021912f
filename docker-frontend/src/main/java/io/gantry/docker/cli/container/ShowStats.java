package io.gantry.docker.cli.container;

import io.gantry.docker.cli.api.Api;
import io.gantry.docker.cli.api.ApiFailure;
import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Advice;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.http.Request;
import io.gantry.docker.cli.http.Response;
import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.json.JsonReader;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.Syntax;
import io.gantry.docker.cli.table.Listing;
import io.gantry.docker.cli.template.TemplateFailure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Shows what containers use: once, or as a table that is written again and again. */
public final class ShowStats implements Command {
  private static final long REFRESH_MILLIS = 500;
  private static final int ROUNDS_BETWEEN_LISTS = 4;

  private static final Listing LISTING =
      new Listing(
          "{{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}"
              + "\t{{.PIDs}}",
          Map.of(
              "ID", "CONTAINER ID",
              "CPUPerc", "CPU %",
              "MemUsage", "MEM USAGE / LIMIT",
              "MemPerc", "MEM %",
              "NetIO", "NET I/O",
              "BlockIO", "BLOCK I/O"));

  private final Map<String, Json> latest = new ConcurrentHashMap<>();
  private final Map<String, String> names = new LinkedHashMap<>();

  @Override
  public Syntax syntax() {
    return Syntax.of(
        "[OPTIONS] [CONTAINER...]",
        "Show what containers use, as it changes",
        0,
        Syntax.ANY,
        """
        -a, --all             Show all containers, not only those that run
            --format string   Output by a template, "table TEMPLATE" or "json"
            --no-stream       Show it once
            --no-trunc        Show long values whole
        """);
  }

  @Override
  public int run(Session session, Arguments arguments)
      throws IOException, InterruptedException, TemplateFailure {
    if (arguments.on("no-stream")) {
      return once(session, arguments);
    }
    for (int round = 0; true; round++) {
      if (round % ROUNDS_BETWEEN_LISTS == 0) {
        for (String id : list(session, arguments).keySet()) {
          if (!latest.containsKey(id)) {
            latest.put(id, Json.NULL);
            follow(session, id);
          }
        }
      }
      StringBuilder screen = new StringBuilder();
      if (session.terminal().writes()) {
        screen.append("\u001b[H"); // to the top; lines are ended by erasing what was behind them
      }
      String table = LISTING.print(arguments.value("format", "table"), rows(arguments));
      screen.append(
          session.terminal().writes() ? table.replace("\n", "\u001b[K\n") + "\u001b[J" : table);
      session.out().print(screen);
      session.out().flush();
      if (!arguments.words().isEmpty() && latest.isEmpty()) {
        return 0;
      }
      Thread.sleep(REFRESH_MILLIS);
    }
  }

  private int once(Session session, Arguments arguments)
      throws IOException, InterruptedException, TemplateFailure {
    List<Thread> threads = new ArrayList<>();
    List<ApiFailure> failures = java.util.Collections.synchronizedList(new ArrayList<>());
    for (String id : list(session, arguments).keySet()) {
      Thread thread =
          new Thread(
              () -> {
                try {
                  latest.put(
                      id,
                      session.api().get(Query.of("containers", id, "stats").with("stream", "0")));
                } catch (ApiFailure e) {
                  failures.add(e);
                } catch (IOException e) {
                  latest.put(id, Json.NULL); // shown as unknown
                }
              },
              "stats " + id);
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    session.out().print(LISTING.print(arguments.value("format", "table"), rows(arguments)));
    session.out().flush();
    failures.forEach(failure -> Advice.tell(session.err(), failure));
    return failures.isEmpty() ? 0 : 1;
  }

  private Map<String, String> list(Session session, Arguments arguments) throws IOException {
    if (!arguments.words().isEmpty()) {
      arguments.words().forEach(name -> names.put(name, name));
      return names;
    }
    names.clear();
    Query query = Query.of("containers", "json").with("all", arguments.on("all"));
    for (Json container : session.api().get(query).items()) {
      String id = container.get("Id").text();
      names.put(id, id);
    }
    latest.keySet().retainAll(names.keySet());
    return names;
  }

  private void follow(Session session, String id) {
    Thread thread =
        new Thread(
            () -> {
              Query query = Query.of("containers", id, "stats").with("stream", "1");
              try (Response response = session.api().call(Request.of("GET", query.toString()));
                  JsonReader reader = Api.stream(response.body())) {
                for (Optional<Json> next = reader.next(); next.isPresent(); next = reader.next()) {
                  latest.put(id, next.get());
                }
              } catch (IOException e) {
                // gone, as is its row
              }
              latest.remove(id);
            },
            "stats " + id);
    thread.setDaemon(true);
    thread.start();
  }

  private List<StatsRow> rows(Arguments arguments) {
    List<StatsRow> rows = new ArrayList<>();
    for (String id : names.keySet()) {
      Json stats = latest.get(id);
      if (stats != null) {
        rows.add(new StatsRow(id, stats, arguments.on("no-trunc")));
      }
    }
    return rows;
  }
}
