package io.gantry.docker.cli.network;

import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.Filters;
import io.gantry.docker.cli.command.Ids;
import io.gantry.docker.cli.command.KeyValues;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.BadUsage;
import io.gantry.docker.cli.option.Syntax;
import io.gantry.docker.cli.table.Listing;
import io.gantry.docker.cli.template.Fields;
import io.gantry.docker.cli.template.TemplateFailure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Lists networks. */
public final class ListNetworks implements Command {
  private static final Listing LISTING =
      new Listing(
          "{{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}",
          Map.of("ID", "NETWORK ID", "CreatedAt", "CREATED AT"));

  @Override
  public Syntax syntax() {
    return Syntax.of(
        "[OPTIONS]",
        "List networks",
        0,
        0,
        """
        -f, --filter filter   Show those only that match, such as "driver=bridge"
            --format string   Output by a template, "table TEMPLATE" or "json"
            --no-trunc        Show long values whole
        -q, --quiet           Show only IDs
        """);
  }

  @Override
  public int run(Session session, Arguments arguments)
      throws IOException, BadUsage, TemplateFailure {
    Query query = Filters.of(arguments.values("filter")).addTo(Query.of("networks"));
    List<Row> rows = new ArrayList<>();
    for (Json network : session.api().get(query).items()) {
      rows.add(new Row(network, arguments.on("no-trunc")));
    }
    rows.sort(Comparator.comparing(row -> row.network().get("Name").text()));
    if (arguments.on("quiet")) {
      rows.forEach(row -> session.out().println(row.field("ID").orElseThrow().text()));
      return 0;
    }
    session.out().print(LISTING.print(arguments.value("format", "table"), rows));
    return 0;
  }

  private record Row(Json network, boolean whole) implements Fields {
    @Override
    public List<String> names() {
      return List.of(
          "CreatedAt", "Driver", "ID", "IPv4", "IPv6", "Internal", "Labels", "Name", "Scope");
    }

    @Override
    public Optional<Json> field(String name) {
      String text =
          switch (name) {
            case "ID" -> whole ? network.get("Id").text() : Ids.shortened(network.get("Id").text());
            case "Name", "Driver", "Scope" -> network.get(name).text();
            case "CreatedAt" -> network.get("Created").text();
            case "IPv4" -> network.has("EnableIPv4") ? network.get("EnableIPv4").text() : "true";
            case "IPv6" -> network.get("EnableIPv6").text();
            case "Internal" -> network.get("Internal").text();
            case "Labels" -> KeyValues.joined(network.get("Labels"));
            default -> null;
          };
      return Optional.ofNullable(text).map(Json::of);
    }

    @Override
    public Optional<Json> field(String name, List<Json> words) {
      return name.equals("Label")
          ? Optional.of(Json.of(network.at("Labels", words.get(0).text()).text()))
          : Optional.empty();
    }
  }
}
