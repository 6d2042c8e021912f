package io.gantry.docker.cli.container;

import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.Filters;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.BadUsage;
import io.gantry.docker.cli.option.Syntax;
import io.gantry.docker.cli.table.Listing;
import io.gantry.docker.cli.template.TemplateFailure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Lists containers. */
public final class ListContainers implements Command {
  private static final String TABLE =
      "{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}";

  private static final Map<String, String> HEADERS =
      Map.ofEntries(
          Map.entry("ID", "CONTAINER ID"),
          Map.entry("RunningFor", "CREATED"),
          Map.entry("CreatedAt", "CREATED AT"),
          Map.entry("LocalVolumes", "LOCAL VOLUMES"));

  @Override
  public Syntax syntax() {
    return Syntax.of(
        "[OPTIONS]",
        "List containers",
        0,
        0,
        """
        -a, --all             Show all containers, not only those that run
        -f, --filter filter   Show those only that match, such as "status=exited"
            --format string   Output by a template, "table TEMPLATE" or "json"
        -n, --last int        Show the n last created ones, in any state
        -l, --latest          Show the last created one, in any state
            --no-trunc        Show long values whole
        -q, --quiet           Show only IDs
        -s, --size            Show how much they have written
        """);
  }

  @Override
  public int run(Session session, Arguments arguments)
      throws IOException, BadUsage, TemplateFailure {
    String format = format(session, arguments);
    boolean size = arguments.on("size") || format.contains(".Size");
    long limit = arguments.on("latest") ? 1 : arguments.number("last").orElse(-1);
    Query query = Query.of("containers", "json").with("all", arguments.on("all"));
    query.with("size", size);
    if (limit > 0) {
      query.with("limit", Long.toString(limit));
    }
    Filters.of(arguments.values("filter")).addTo(query);
    List<ContainerRow> rows = new ArrayList<>();
    boolean whole = arguments.on("no-trunc");
    for (Json each : session.api().get(query).items()) {
      rows.add(new ContainerRow(each, whole));
    }
    if (arguments.on("quiet") && !arguments.has("format")) {
      for (ContainerRow row : rows) {
        session.out().println(row.field("ID").orElseThrow().text());
      }
      return 0;
    }
    String table = arguments.on("size") ? TABLE + "\t{{.Size}}" : TABLE;
    session.out().print(new Listing(table, HEADERS).print(format, rows));
    return 0;
  }

  private static String format(Session session, Arguments arguments) throws IOException {
    if (arguments.has("format") || arguments.on("quiet")) {
      return arguments.value("format", "table");
    }
    return session.settings().text("psFormat").orElse("table");
  }
}
