package io.gantry.docker.cli.volume;

import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.Filters;
import io.gantry.docker.cli.command.KeyValues;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.BadUsage;
import io.gantry.docker.cli.option.Syntax;
import io.gantry.docker.cli.table.Human;
import io.gantry.docker.cli.table.Listing;
import io.gantry.docker.cli.template.Fields;
import io.gantry.docker.cli.template.TemplateFailure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Lists volumes. */
public final class ListVolumes implements Command {
  private static final Listing LISTING =
      new Listing("{{.Driver}}\t{{.Name}}", Map.of("Name", "VOLUME NAME"));

  @Override
  public Syntax syntax() {
    return Syntax.of(
        "[OPTIONS]",
        "List volumes",
        0,
        0,
        """
        -f, --filter filter   Show those only that match, such as "dangling=true"
            --format string   Output by a template, "table TEMPLATE" or "json"
        -q, --quiet           Show only names
        """);
  }

  @Override
  public int run(Session session, Arguments arguments)
      throws IOException, BadUsage, TemplateFailure {
    Query query = Filters.of(arguments.values("filter")).addTo(Query.of("volumes"));
    List<Row> rows = new ArrayList<>();
    for (Json volume : session.api().get(query).get("Volumes").items()) {
      rows.add(new Row(volume));
    }
    rows.sort(Comparator.comparing(row -> row.volume().get("Name").text()));
    if (arguments.on("quiet")) {
      rows.forEach(row -> session.out().println(row.volume().get("Name").text()));
      return 0;
    }
    String format = arguments.value("format").or(() -> Optional.of("table")).get();
    session.out().print(LISTING.print(format, rows));
    return 0;
  }

  private record Row(Json volume) implements Fields {
    @Override
    public List<String> names() {
      return List.of(
          "Availability",
          "Driver",
          "Group",
          "Labels",
          "Links",
          "Mountpoint",
          "Name",
          "Scope",
          "Size",
          "Status");
    }

    @Override
    public Optional<Json> field(String name) {
      Json usage = volume.get("UsageData");
      String text =
          switch (name) {
            case "Name", "Driver", "Scope", "Mountpoint" -> volume.get(name).text();
            case "Labels" -> KeyValues.joined(volume.get("Labels"));
            case "Links" -> usage.isNull() ? "N/A" : usage.get("RefCount").text();
            case "Size" -> usage.isNull() ? "N/A" : Human.size(usage.get("Size").number());
            case "Availability", "Group", "Status" -> "N/A";
            default -> null;
          };
      return Optional.ofNullable(text).map(Json::of);
    }

    @Override
    public Optional<Json> field(String name, List<Json> words) {
      return name.equals("Label")
          ? Optional.of(Json.of(volume.at("Labels", words.get(0).text()).text()))
          : Optional.empty();
    }
  }
}
