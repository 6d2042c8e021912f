package io.gantry.docker.cli.system;

import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.Syntax;
import io.gantry.docker.cli.table.Human;
import io.gantry.docker.cli.template.Fields;
import io.gantry.docker.cli.template.Template;
import io.gantry.docker.cli.template.TemplateFailure;
import java.io.IOException;
import java.io.PrintStream;

/** Shows what the engine says of itself and of its machine. */
public final class ShowInfo implements Command {
  @Override
  public Syntax syntax() {
    return Syntax.of(
        "[OPTIONS]",
        "Show what the engine says of itself and of its machine",
        0,
        0,
        """
        -f, --format string   Output by a template, or "json"
        """);
  }

  @Override
  public int run(Session session, Arguments arguments) throws IOException, TemplateFailure {
    Json info = session.api().get(Query.of("info"));
    PrintStream out = session.out();
    String format = arguments.value("format", "");
    if (format.equals("json")) {
      out.println(info);
      return 0;
    } else if (!format.isEmpty()) {
      out.println(Template.parse(format).fill(Fields.of(info)));
      return 0;
    }
    out.println("Client: gantry");
    out.println(" Context:    default");
    out.println();
    out.println("Server:");
    row(out, "Containers", Long.toString(info.get("Containers").number()));
    row(out, " Running", Long.toString(info.get("ContainersRunning").number()));
    row(out, " Paused", Long.toString(info.get("ContainersPaused").number()));
    row(out, " Stopped", Long.toString(info.get("ContainersStopped").number()));
    row(out, "Images", Long.toString(info.get("Images").number()));
    row(out, "Server Version", info.get("ServerVersion").text());
    row(out, "Storage Driver", info.get("Driver").text());
    for (Json pair : info.get("DriverStatus").items()) {
      row(out, " " + pair.texts().get(0), pair.texts().get(pair.texts().size() - 1));
    }
    row(out, "Logging Driver", info.get("LoggingDriver").text());
    row(out, "Cgroup Driver", info.get("CgroupDriver").text());
    row(out, "Cgroup Version", info.get("CgroupVersion").text());
    row(out, "Runtimes", String.join(" ", info.get("Runtimes").fields().keySet()));
    row(out, "Default Runtime", info.get("DefaultRuntime").text());
    if (!info.get("SecurityOptions").items().isEmpty()) {
      out.println(" Security Options:");
      for (String option : info.get("SecurityOptions").texts()) {
        out.println("  " + option.replaceFirst("^name=", ""));
      }
    }
    row(out, "Kernel Version", info.get("KernelVersion").text());
    row(out, "Operating System", info.get("OperatingSystem").text());
    row(out, "OSType", info.get("OSType").text());
    row(out, "Architecture", info.get("Architecture").text());
    row(out, "CPUs", info.get("NCPU").text());
    row(out, "Total Memory", Human.binarySize(info.get("MemTotal").decimal()));
    row(out, "Name", info.get("Name").text());
    row(out, "ID", info.get("ID").text());
    row(out, "Docker Root Dir", info.get("DockerRootDir").text());
    row(out, "Debug Mode", info.get("Debug").text());
    row(out, "Experimental", info.get("ExperimentalBuild").text());
    row(out, "Live Restore Enabled", info.get("LiveRestoreEnabled").text());
    for (String warning : info.get("Warnings").texts()) {
      session.err().println(warning);
    }
    return 0;
  }

  private static void row(PrintStream out, String name, String value) {
    if (!value.isEmpty()) {
      out.println(" " + name + ": " + value);
    }
  }
}
