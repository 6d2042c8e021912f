package io.gantry.docker.cli.system;

import io.gantry.docker.cli.api.Api;
import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.Filters;
import io.gantry.docker.cli.command.Moments;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.http.Request;
import io.gantry.docker.cli.http.Response;
import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.json.JsonReader;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.BadUsage;
import io.gantry.docker.cli.option.Syntax;
import io.gantry.docker.cli.template.Fields;
import io.gantry.docker.cli.template.Template;
import io.gantry.docker.cli.template.TemplateFailure;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Shows what happens, as it happens. */
public final class ShowEvents implements Command {
  private static final long NANOS = 1_000_000_000L;

  @Override
  public Syntax syntax() {
    return Syntax.of(
        "[OPTIONS]",
        "Show what happens, as it happens",
        0,
        0,
        """
        -f, --filter filter   Show those only that match, such as "type=container"
            --format string   Output by a template, or "json"
            --since string    Begin with those since then: a moment, or 42m for so long ago
            --until string    End there: a moment, or 42m for so long ago
        """);
  }

  @Override
  public int run(Session session, Arguments arguments)
      throws IOException, BadUsage, TemplateFailure {
    Query query = Query.of("events");
    if (arguments.has("since")) {
      query.with("since", Moments.epoch(arguments.value("since", "")));
    }
    if (arguments.has("until")) {
      query.with("until", Moments.epoch(arguments.value("until", "")));
    }
    Filters.of(arguments.values("filter")).addTo(query);
    String format = arguments.value("format", "");
    boolean asJson = format.equals("json") || format.equals("{{json .}}");
    Template template = format.isEmpty() || asJson ? null : Template.parse(format);
    try (Response events = session.api().call(Request.of("GET", query.toString()));
        JsonReader reader = Api.stream(events.body())) {
      for (Optional<Json> next = reader.next(); next.isPresent(); next = reader.next()) {
        Json event = next.get();
        String line =
            asJson
                ? event.toString()
                : template == null ? line(event) : template.fill(Fields.of(event));
        session.out().println(line);
        session.out().flush();
      }
    }
    return 0;
  }

  private static String line(Json event) {
    StringBuilder line = new StringBuilder(moment(event));
    line.append(' ').append(event.get("Type").text());
    line.append(' ').append(event.get("Action").text());
    line.append(' ').append(event.at("Actor", "ID").text());
    Map<String, Json> attributes = new TreeMap<>(event.at("Actor", "Attributes").fields());
    if (!attributes.isEmpty()) {
      StringBuilder all = new StringBuilder();
      attributes.forEach(
          (name, value) ->
              all.append(all.length() == 0 ? "" : ", ")
                  .append(name)
                  .append('=')
                  .append(value.text()));
      line.append(" (").append(all).append(')');
    }
    return line.toString();
  }

  private static String moment(Json event) {
    long nanos = event.get("timeNano").number();
    Instant moment =
        nanos != 0
            ? Instant.ofEpochSecond(nanos / NANOS, nanos % NANOS)
            : Instant.ofEpochSecond(event.get("time").number());
    return moment
        .atZone(ZoneId.systemDefault())
        .format(DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSSSSXXX"));
  }
}
