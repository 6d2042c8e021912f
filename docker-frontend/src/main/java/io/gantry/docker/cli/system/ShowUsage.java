package io.gantry.docker.cli.system;

import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.Syntax;
import io.gantry.docker.cli.table.Columns;
import io.gantry.docker.cli.table.Human;
import io.gantry.docker.cli.table.Listing;
import io.gantry.docker.cli.template.Fields;
import io.gantry.docker.cli.template.TemplateFailure;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Shows how much room images, containers, volumes and the build cache take. */
public final class ShowUsage implements Command {
  private static final Listing LISTING =
      new Listing(
          "{{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}",
          Map.of("TotalCount", "TOTAL"));

  @Override
  public Syntax syntax() {
    return Syntax.of(
        "[OPTIONS]",
        "Show how much room is taken",
        0,
        0,
        """
            --format string   Output by a template, "table TEMPLATE" or "json"
        -v, --verbose         Show each image, container and volume
        """);
  }

  @Override
  public int run(Session session, Arguments arguments) throws IOException, TemplateFailure {
    Json usage = session.api().get(Query.of("system", "df"));
    if (arguments.on("verbose")) {
      verbose(session.out(), usage);
      return 0;
    }
    List<Row> rows = List.of(images(usage), containers(usage), volumes(usage), buildCache(usage));
    session.out().print(LISTING.print(arguments.value("format", "table"), rows));
    return 0;
  }

  private static Row images(Json usage) {
    long active = 0;
    long used = 0;
    for (Json image : usage.get("Images").items()) {
      if (image.get("Containers").number() > 0) {
        active++;
        used += image.get("Size").number() - Math.max(0, image.get("SharedSize").number());
      }
    }
    long size = usage.get("LayersSize").number();
    return new Row(
        "Images", usage.get("Images").items().size(), active, size, Math.max(0, size - used), true);
  }

  private static Row containers(Json usage) {
    long active = 0;
    long size = 0;
    long free = 0;
    for (Json container : usage.get("Containers").items()) {
      long written = container.get("SizeRw").number();
      size += written;
      if (List.of("running", "paused", "restarting").contains(container.get("State").text())) {
        active++;
      } else {
        free += written;
      }
    }
    return new Row("Containers", usage.get("Containers").items().size(), active, size, free, true);
  }

  private static Row volumes(Json usage) {
    long active = 0;
    long size = 0;
    long free = 0;
    for (Json volume : usage.get("Volumes").items()) {
      long each = Math.max(0, volume.at("UsageData", "Size").number());
      size += each;
      if (volume.at("UsageData", "RefCount").number() > 0) {
        active++;
      } else {
        free += each;
      }
    }
    return new Row("Local Volumes", usage.get("Volumes").items().size(), active, size, free, true);
  }

  private static Row buildCache(Json usage) {
    long active = 0;
    long size = 0;
    long free = 0;
    for (Json record : usage.get("BuildCache").items()) {
      long each = record.get("Size").number();
      size += record.get("Shared").truth() ? 0 : each;
      if (record.get("InUse").truth()) {
        active++;
      } else {
        free += record.get("Shared").truth() ? 0 : each;
      }
    }
    return new Row(
        "Build Cache", usage.get("BuildCache").items().size(), active, size, free, false);
  }

  private static void verbose(PrintStream out, Json usage) {
    List<String> lines = new ArrayList<>(List.of("IMAGE\tCREATED\tSIZE\tCONTAINERS"));
    for (Json image : usage.get("Images").items()) {
      lines.add(
          String.join(
              "\t",
              image.get("RepoTags").texts().stream().findFirst().orElse("<none>"),
              Human.ago(image.get("Created").number()),
              Human.size(image.get("Size").number()),
              image.get("Containers").text()));
    }
    print(out, "Images space usage:", lines);
    lines = new ArrayList<>(List.of("CONTAINER\tIMAGE\tSIZE\tSTATUS"));
    for (Json container : usage.get("Containers").items()) {
      lines.add(
          String.join(
              "\t",
              container.get("Names").texts().stream().findFirst().orElse("").replaceFirst("^/", ""),
              container.get("Image").text(),
              Human.size(container.get("SizeRw").number()),
              container.get("Status").text()));
    }
    print(out, "Containers space usage:", lines);
    lines = new ArrayList<>(List.of("VOLUME NAME\tLINKS\tSIZE"));
    for (Json volume : usage.get("Volumes").items()) {
      lines.add(
          String.join(
              "\t",
              volume.get("Name").text(),
              volume.at("UsageData", "RefCount").text(),
              Human.size(volume.at("UsageData", "Size").number())));
    }
    print(out, "Local Volumes space usage:", lines);
    out.println("Build cache usage: " + buildCache(usage).field("Size").orElseThrow().text());
  }

  private static void print(PrintStream out, String title, List<String> lines) {
    out.println(title);
    out.println();
    out.println(Columns.align(String.join("\n", lines)));
    out.println();
  }

  private record Row(String type, long total, long active, long size, long free, boolean share)
      implements Fields {
    @Override
    public List<String> names() {
      return List.of("Active", "Reclaimable", "Size", "TotalCount", "Type");
    }

    @Override
    public Optional<Json> field(String name) {
      String text =
          switch (name) {
            case "Type" -> type;
            case "TotalCount" -> Long.toString(total);
            case "Active" -> Long.toString(active);
            case "Size" -> Human.longSize(size);
            case "Reclaimable" ->
                Human.longSize(free) + (share && size > 0 ? " (" + free * 100 / size + "%)" : "");
            default -> null;
          };
      return Optional.ofNullable(text).map(Json::of);
    }
  }
}
