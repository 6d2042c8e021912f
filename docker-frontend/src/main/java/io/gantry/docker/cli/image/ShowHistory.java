package io.gantry.docker.cli.image;

import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.Ids;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.Syntax;
import io.gantry.docker.cli.table.Human;
import io.gantry.docker.cli.table.Listing;
import io.gantry.docker.cli.template.Fields;
import io.gantry.docker.cli.template.TemplateFailure;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Shows how an image came to be. */
public final class ShowHistory implements Command {
  private static final int COMMAND_LENGTH = 45;
  private static final Listing LISTING =
      new Listing(
          "{{.ID}}\t{{.CreatedSince}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}",
          Map.of(
              "ID", "IMAGE",
              "CreatedSince", "CREATED",
              "CreatedAt", "CREATED AT",
              "CreatedBy", "CREATED BY"));

  @Override
  public Syntax syntax() {
    return Syntax.of(
        "[OPTIONS] IMAGE",
        "Show how an image came to be",
        1,
        1,
        """
            --format string     Output by a template, "table TEMPLATE" or "json"
        -H, --human             Sizes and dates in words (default true)
            --no-trunc          Show long values whole
            --platform string   Show that of the image for this platform: os/arch[/variant]
        -q, --quiet             Show only IDs
        """);
  }

  @Override
  public int run(Session session, Arguments arguments) throws IOException, TemplateFailure {
    Query query = Query.of("images", arguments.word(0), "history");
    arguments
        .value("platform")
        .ifPresent(each -> query.with("platform", Platforms.json(each).toString()));
    List<Row> rows = new ArrayList<>();
    for (Json each : session.api().get(query).items()) {
      rows.add(new Row(each, arguments.on("no-trunc"), arguments.on("human", true)));
    }
    if (arguments.on("quiet")) {
      rows.forEach(row -> session.out().println(row.field("ID").orElseThrow().text()));
      return 0;
    }
    session.out().print(LISTING.print(arguments.value("format", "table"), rows));
    return 0;
  }

  private record Row(Json step, boolean whole, boolean human) implements Fields {
    @Override
    public List<String> names() {
      return List.of("Comment", "CreatedAt", "CreatedBy", "CreatedSince", "ID", "Size");
    }

    @Override
    public Optional<Json> field(String name) {
      long created = step.get("Created").number();
      String text =
          switch (name) {
            case "ID" -> whole ? step.get("Id").text() : Ids.shortened(step.get("Id").text());
            case "CreatedBy" -> {
              String by = step.get("CreatedBy").text().replace('\t', ' ');
              yield whole ? by : Ids.ellipsis(by, COMMAND_LENGTH);
            }
            case "CreatedAt" -> created <= 0 ? "N/A" : Instant.ofEpochSecond(created).toString();
            case "CreatedSince" ->
                created <= 0
                    ? "N/A"
                    : human ? Human.ago(created) : Instant.ofEpochSecond(created).toString();
            case "Size" ->
                human
                    ? Human.size(step.get("Size").number())
                    : Long.toString(step.get("Size").number());
            case "Comment" -> step.get("Comment").text();
            default -> null;
          };
      return Optional.ofNullable(text).map(Json::of);
    }
  }
}
