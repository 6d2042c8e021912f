package io.gantry.docker.cli;

import io.gantry.docker.cli.option.Syntax;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;

/** What there is, and how it is used. */
final class Help {
  private final PrintStream out;

  Help(PrintStream out) {
    this.out = out;
  }

  /** All commands. */
  void overview() {
    out.println("Usage:  gantry " + GlobalOptions.SYNTAX.usage());
    out.println();
    out.println(GlobalOptions.SYNTAX.summary());
    section("Common Commands:", Catalog.COMMON, "");
    out.println();
    out.println("Management Commands:");
    for (Map.Entry<String, String> group : Catalog.GROUP_SUMMARIES.entrySet()) {
      row(group.getKey(), group.getValue());
    }
    section("Commands:", Catalog.OTHERS, "");
    out.println();
    out.println("Global Options:");
    options(GlobalOptions.SYNTAX);
    out.println();
    out.println("Environment:");
    out.println(
        "  DOCKER_HOST           Engine to talk to (default: unix://"
            + GlobalOptions.DEFAULT_SOCKET
            + ")");
    out.println("  DOCKER_TLS_VERIFY     Set to use TLS, and verify the engine");
    out.println("  DOCKER_CERT_PATH      Directory of ca.pem, cert.pem and key.pem");
    out.println("  DOCKER_CONFIG         Directory of config.json");
    out.println("  DOCKER_API_VERSION    Version of the Engine API to speak");
    out.println();
    out.println("Run 'gantry COMMAND --help' for more information on a command.");
  }

  void group(String name) {
    out.println("Usage:  gantry " + name + " COMMAND");
    out.println();
    out.println(Catalog.GROUP_SUMMARIES.get(name));
    section("Commands:", Catalog.GROUPS.get(name), name + " ");
    out.println();
    out.println("Run 'gantry " + name + " COMMAND --help' for more information on a command.");
  }

  void command(String name, Syntax syntax) {
    out.println("Usage:  gantry " + name + " " + syntax.usage());
    out.println();
    out.println(syntax.summary());
    if (!syntax.description().isEmpty()) {
      out.println();
      out.println(syntax.description().strip());
    }
    List<String> aliases = Catalog.aliases(name);
    if (!aliases.isEmpty()) {
      out.println();
      out.println("Aliases:");
      out.println("  gantry " + String.join(", gantry ", aliases));
    }
    if (!syntax.flags().isEmpty()) {
      out.println();
      out.println("Options:");
      options(syntax);
    }
  }

  private void options(Syntax syntax) {
    for (String line : syntax.options().split("\n")) {
      if (!line.isBlank() && !line.strip().startsWith("!")) {
        out.println("  " + line);
      }
    }
  }

  private void section(String title, List<String> names, String prefix) {
    out.println();
    out.println(title);
    for (String name : names) {
      String summary =
          Catalog.find(List.of((prefix + name).split(" ")))
              .orElseThrow()
              .command()
              .syntax()
              .summary();
      row(name, summary);
    }
  }

  private void row(String name, String text) {
    out.println("  " + name + " ".repeat(Math.max(1, 12 - name.length())) + text);
  }
}
