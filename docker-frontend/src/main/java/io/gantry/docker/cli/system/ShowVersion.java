package io.gantry.docker.cli.system;

import io.gantry.docker.cli.api.Api;
import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.json.JsonObject;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.Syntax;
import io.gantry.docker.cli.template.Fields;
import io.gantry.docker.cli.template.Template;
import io.gantry.docker.cli.template.TemplateFailure;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Locale;

/**
 * Names this program and the engine that it talks to. The program's own version is shown even if
 * the engine does not answer.
 */
public final class ShowVersion implements Command {
  private final String version;

  /**
   * @param version of this program
   */
  public ShowVersion(String version) {
    this.version = version;
  }

  @Override
  public Syntax syntax() {
    return Syntax.of(
        "[OPTIONS]",
        "Show the versions of gantry and of its engine",
        0,
        0,
        """
        -f, --format string   Output by a template, or "json"
        """);
  }

  @Override
  public int run(Session session, Arguments arguments) throws IOException, TemplateFailure {
    String format = arguments.value("format", "");
    Json server = null;
    IOException failure = null;
    try {
      server = session.api().get(Query.of("version"));
    } catch (IOException e) {
      failure = e;
    }
    Json client = client(session);
    if (format.isEmpty()) {
      PrintStream out = session.out();
      out.println("Client: gantry");
      rows(out, " ", client);
      out.println(" Context:           default");
      if (server != null) {
        server(out, server);
      }
    } else {
      Json both =
          new JsonObject()
              .put("Client", client)
              .put("Server", server == null ? Json.NULL : server)
              .build();
      session
          .out()
          .println(
              format.equals("json")
                  ? both.toString()
                  : Template.parse(format).fill(Fields.of(both)));
    }
    session.out().flush();
    if (failure != null) {
      throw failure;
    }
    return 0;
  }

  private Json client(Session session) {
    return new JsonObject()
        .put("Platform", Json.object(java.util.Map.of("Name", Json.of("gantry"))))
        .put("Version", version)
        .put("ApiVersion", session.api().version())
        .put("DefaultAPIVersion", Api.NEWEST)
        .put("JavaVersion", System.getProperty("java.version"))
        .put("Os", "linux")
        .put("Arch", architecture(System.getProperty("os.arch")))
        .put("Context", "default")
        .build();
  }

  private static String architecture(String java) {
    return java.equals("aarch64") ? "arm64" : java;
  }

  private static void rows(PrintStream out, String indent, Json side) {
    row(out, indent, "Version:", side.get("Version").text());
    String minimum = side.get("MinAPIVersion").text();
    String api = side.get("ApiVersion").text();
    row(
        out,
        indent,
        "API version:",
        minimum.isEmpty() ? api : api + " (minimum version " + minimum + ")");
    row(out, indent, "Java version:", side.get("JavaVersion").text());
    row(out, indent, "Go version:", side.get("GoVersion").text());
    row(out, indent, "Git commit:", side.get("GitCommit").text());
    row(out, indent, "Built:", side.get("BuildTime").text());
    row(out, indent, "OS/Arch:", side.get("Os").text() + "/" + side.get("Arch").text());
  }

  private static void row(PrintStream out, String indent, String name, String value) {
    if (!value.isEmpty()) {
      out.printf(Locale.ROOT, "%s%-" + (20 - indent.length()) + "s%s%n", indent, name, value);
    }
  }

  private static void server(PrintStream out, Json server) {
    out.println();
    String platform = server.at("Platform", "Name").text();
    out.println("Server:" + (platform.isEmpty() ? "" : " " + platform));
    out.println(" Engine:");
    rows(out, "  ", server);
    row(out, "  ", "Experimental:", String.valueOf(server.get("Experimental").truth()));
    for (Json component : server.get("Components").items()) {
      String name = component.get("Name").text();
      if (!name.equals("Engine")) {
        out.println(" " + name + ":");
        row(out, "  ", "Version:", component.get("Version").text());
        row(out, "  ", "GitCommit:", component.at("Details", "GitCommit").text());
      }
    }
  }
}
