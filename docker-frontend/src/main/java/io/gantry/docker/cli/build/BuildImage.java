package io.gantry.docker.cli.build;

import io.gantry.docker.cli.api.Api;
import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.CommandFailure;
import io.gantry.docker.cli.command.KeyValues;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.http.Request;
import io.gantry.docker.cli.http.Response;
import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.json.JsonObject;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.BadUsage;
import io.gantry.docker.cli.option.Syntax;
import io.gantry.docker.cli.progress.Progress;
import io.gantry.docker.cli.settings.Credentials;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/** Has the engine build an image of a Dockerfile and a context. */
public final class BuildImage implements Command {
  @Override
  public Syntax syntax() {
    return Syntax.of(
            "[OPTIONS] PATH | URL | -",
            "Build an image of a Dockerfile",
            1,
            1,
            """
                --add-host list        Add a name to /etc/hosts: name:ip
                --build-arg list       Set an ARG: NAME=VALUE, or NAME to pass it on
                --cache-from strings   Use the layers of these images
                --cgroup-parent string Parent of the steps' cgroups
                --cpu-period int       Period of the CPU quota, in microseconds
                --cpu-quota int        CPU time in each period, in microseconds
            -c, --cpu-shares int       Share of CPU time, relative to others'
                --cpuset-cpus string   CPUs that may be used
                --cpuset-mems string   Memory nodes that may be used
            -f, --file string          The Dockerfile (default: PATH/Dockerfile), or - for standard input
                --force-rm             Remove what a failed build leaves
                --iidfile string       Write the image's ID to this file
                --label list           Label the image: NAME=VALUE
            -m, --memory bytes         Memory at most, for a step
                --memory-swap bytes    Memory and swap at most
                --network string       Network of the steps
                --no-cache             Do not use what was built before
                --platform string      Build for this platform: os/arch[/variant]
                --progress string      Taken for compatibility
                --pull                 Look for newer base images
            -q, --quiet                Print only the image's ID
                --rm                   Remove what steps leave (default true)
                --secret list          Not supported by the Engine API's builder
                --shm-size bytes       Size of /dev/shm
                --squash               Not supported
            -t, --tag list             Name of the image: name[:tag]
                --target string        Build up to this stage
                --ulimit list          Resource limit: NAME=SOFT[:HARD]
            !   --disable-content-trust   Taken for compatibility
            """)
        .describedBy(
            "The context is the directory PATH without what its .dockerignore names, what is at"
                + " URL,\n"
                + "or a tar archive or a Dockerfile from standard input.");
  }

  @Override
  public int run(Session session, Arguments arguments)
      throws IOException, BadUsage, CommandFailure {
    if (arguments.has("secret")) {
      throw BadUsage.flag(
          "--secret is not supported: POST /build of the Engine API has no place for secrets");
    }
    if (arguments.on("squash")) {
      throw BadUsage.flag("--squash is not supported by gantry");
    }
    boolean input = arguments.word(0).equals("-");
    if (input && arguments.value("file", "").equals("-")) {
      throw BadUsage.flag(
          "invalid argument: can't use stdin for both build context and dockerfile");
    }
    Context context = Context.of(session, arguments.word(0), arguments.value("file"));
    Query query = query(session, arguments, context);
    Request request =
        Request.of("POST", query.toString())
            .with("X-Registry-Config", Api.header(new Credentials(session.settings()).all()));
    if (context.body().isPresent()) {
      request = request.with(context.body().get());
    }
    List<String> ids = new ArrayList<>();
    boolean terminal = session.terminal().writes();
    try (Response response = session.api().call(request)) {
      new Progress(session.out(), terminal, terminal ? session.terminal().size().columns() : 0)
          .show(
              response.body(),
              aux -> {
                if (aux.has("ID")) {
                  ids.add(aux.get("ID").text());
                }
              });
    }
    if (arguments.has("iidfile")) {
      if (ids.isEmpty()) {
        throw new CommandFailure("the engine did not tell the image's ID, for --iidfile");
      }
      Files.writeString(session.environment().file(arguments.value("iidfile", "")), last(ids));
    }
    return 0;
  }

  private static String last(List<String> ids) {
    return ids.get(ids.size() - 1);
  }

  private static Query query(Session session, Arguments arguments, Context context) {
    Query query = Query.of("build");
    arguments.values("tag").forEach(tag -> query.with("t", tag));
    query.with("dockerfile", context.dockerfile());
    if (context.body().isEmpty()) {
      query.with("remote", arguments.word(0));
    }
    query.with("rm", arguments.on("rm", true) ? "1" : "0");
    query
        .with("q", arguments.on("quiet"))
        .with("nocache", arguments.on("no-cache"))
        .with("forcerm", arguments.on("force-rm"))
        .with("pull", arguments.on("pull"));
    JsonObject values = new JsonObject();
    for (String each : arguments.values("build-arg")) {
      int equals = each.indexOf('=');
      String passed = session.environment().variables().get(each);
      values.put(
          equals < 0 ? each : each.substring(0, equals),
          equals < 0 ? Json.of(passed) : Json.of(each.substring(equals + 1)));
    }
    query.with("buildargs", values.build().toString());
    query.with("labels", KeyValues.of(arguments.values("label")).toString());
    if (arguments.has("cache-from")) {
      query.with("cachefrom", Json.texts(arguments.values("cache-from")).toString());
    }
    if (arguments.has("add-host")) {
      arguments.values("add-host").forEach(host -> query.with("extrahosts", host));
    }
    text(query, arguments, "target", "target");
    text(query, arguments, "network", "networkmode");
    text(query, arguments, "platform", "platform");
    text(query, arguments, "cgroup-parent", "cgroupparent");
    text(query, arguments, "cpuset-cpus", "cpusetcpus");
    text(query, arguments, "cpuset-mems", "cpusetmems");
    text(query, arguments, "cpu-period", "cpuperiod");
    text(query, arguments, "cpu-quota", "cpuquota");
    text(query, arguments, "cpu-shares", "cpushares");
    bytes(query, arguments, "memory", "memory");
    bytes(query, arguments, "memory-swap", "memswap");
    bytes(query, arguments, "shm-size", "shmsize");
    if (arguments.has("ulimit")) {
      query.with("ulimits", ulimits(arguments.values("ulimit")).toString());
    }
    return query;
  }

  private static void text(Query query, Arguments arguments, String flag, String name) {
    arguments.value(flag).ifPresent(value -> query.with(name, value));
  }

  private static void bytes(Query query, Arguments arguments, String flag, String name) {
    arguments.bytes(flag).ifPresent(value -> query.with(name, Long.toString(value)));
  }

  private static Json ulimits(List<String> given) {
    List<Json> all = new ArrayList<>();
    for (String each : given) {
      int equals = each.indexOf('=');
      String[] values = each.substring(equals + 1).split(":");
      all.add(
          new JsonObject()
              .put("Name", each.substring(0, Math.max(0, equals)))
              .put("Soft", Json.number(values[0]))
              .put("Hard", Json.number(values[values.length - 1]))
              .build());
    }
    return Json.array(all);
  }
}
