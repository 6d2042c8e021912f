package io.gantry.docker.cli.image;

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

/** Lists images. */
public final class ListImages implements Command {
  private static final String TABLE =
      "{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}";
  private static final String TABLE_WITH_DIGESTS =
      "{{.Repository}}\t{{.Tag}}\t{{.Digest}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}";

  private static final Map<String, String> HEADERS =
      Map.of(
          "ID", "IMAGE ID",
          "CreatedSince", "CREATED",
          "CreatedAt", "CREATED AT",
          "SharedSize", "SHARED SIZE",
          "UniqueSize", "UNIQUE SIZE",
          "VirtualSize", "SIZE");

  @Override
  public Syntax syntax() {
    return Syntax.of(
        "[OPTIONS] [REPOSITORY[:TAG]]",
        "List images",
        0,
        1,
        """
        -a, --all             Show intermediate images as well
            --digests         Show digests
        -f, --filter filter   Show those only that match, such as "dangling=true"
            --format string   Output by a template, "table TEMPLATE" or "json"
            --no-trunc        Show long values whole
        -q, --quiet           Show only IDs
            --tree            Not supported
        """);
  }

  @Override
  public int run(Session session, Arguments arguments)
      throws IOException, BadUsage, TemplateFailure {
    if (arguments.on("tree")) {
      throw BadUsage.flag("--tree is not supported by gantry; use --format json");
    }
    Filters filters = Filters.of(arguments.values("filter"));
    arguments.wordIfAny(0).ifPresent(name -> filters.with("reference", name));
    Query query =
        Query.of("images", "json")
            .with("all", arguments.on("all"))
            .with("digests", arguments.on("digests"));
    List<ImageRow> rows = new ArrayList<>();
    String format = format(session, arguments);
    boolean digests = arguments.on("digests") || format.contains(".Digest");
    for (Json image : session.api().get(filters.addTo(query)).items()) {
      rows.addAll(ImageRow.of(image, arguments.on("no-trunc"), digests));
    }
    if (arguments.on("quiet") && !arguments.has("format")) {
      for (ImageRow row : rows) {
        session.out().println(row.field("ID").orElseThrow().text());
      }
      return 0;
    }
    Listing listing = new Listing(arguments.on("digests") ? TABLE_WITH_DIGESTS : TABLE, HEADERS);
    session.out().print(listing.print(format, rows));
    return 0;
  }

  private static String format(Session session, Arguments arguments) throws IOException {
    if (arguments.has("format") || arguments.on("quiet")) {
      return arguments.value("format", "table");
    }
    return session.settings().text("imagesFormat").orElse("table");
  }
}
