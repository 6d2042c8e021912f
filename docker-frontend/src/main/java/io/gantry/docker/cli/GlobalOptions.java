package io.gantry.docker.cli;

import io.gantry.docker.cli.api.Api;
import io.gantry.docker.cli.command.CommandFailure;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.http.Endpoint;
import io.gantry.docker.cli.http.HttpClient;
import io.gantry.docker.cli.http.TcpEndpoint;
import io.gantry.docker.cli.http.TlsEndpoint;
import io.gantry.docker.cli.http.TlsEndpoint.TlsFiles;
import io.gantry.docker.cli.http.UnixEndpoint;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.Syntax;
import io.gantry.docker.cli.settings.Environment;
import io.gantry.docker.cli.settings.Settings;
import io.gantry.docker.cli.terminal.Streams;
import io.gantry.docker.cli.terminal.Terminal;
import java.nio.file.Path;
import java.util.Optional;

/** What is the same for all commands: which engine, and as whom. */
record GlobalOptions(Environment environment, Arguments given) {
  static final String DEFAULT_SOCKET = "/run/gantry/docker.sock";

  private static final int TLS_PORT = 2376;
  private static final int PLAIN_PORT = 2375;

  static final Syntax SYNTAX =
      Syntax.of(
              "[OPTIONS] COMMAND",
              "Works with containers on this machine, in the way of docker",
              0,
              Syntax.ANY,
              """
                  --config string      Directory of config.json (default: ~/.docker)
              -c, --context string     Only "default": other contexts are docker's own
              -D, --debug              Taken for compatibility
              -H, --host list          Engine to talk to: unix:///PATH or tcp://HOST:PORT
              -l, --log-level string   Taken for compatibility
                  --tls                Use TLS, without verifying the engine
                  --tlscacert string   Trust engines that this authority has signed
                  --tlscert string     Certificate to show to the engine
                  --tlskey string      Its key
                  --tlsverify          Use TLS, and verify the engine
              -v, --version            Print the version and end
              """)
          .withCommand();

  Session session(Streams streams, Terminal terminal) throws CommandFailure {
    Path directory =
        given
            .value("config")
            .or(() -> environment.variable("DOCKER_CONFIG"))
            .map(environment::file)
            .orElseGet(() -> environment.userHome().resolve(".docker"));
    if (!given.value("context", "default").equals("default")) {
      throw new CommandFailure(
          "gantry has no contexts but the default one; name the engine with -H or DOCKER_HOST");
    }
    HttpClient client =
        new HttpClient(endpoint(directory), "gantry/" + Installation.version() + " (linux)");
    Optional<String> version = environment.variable("DOCKER_API_VERSION");
    Api api = new Api(client, version.orElse(Api.NEWEST), version.isPresent());
    return new Session(api, streams, terminal, new Settings(directory), environment);
  }

  private Endpoint endpoint(Path settings) throws CommandFailure {
    String host =
        given
            .value("host")
            .or(() -> environment.variable("DOCKER_HOST"))
            .orElse("unix://" + DEFAULT_SOCKET);
    if (host.startsWith("unix://")) {
      return new UnixEndpoint(Path.of(host.substring("unix://".length())));
    }
    if (!host.startsWith("tcp://")) {
      throw new CommandFailure(
          "cannot talk to \"" + host + "\": write it as unix:///PATH or tcp://HOST:PORT");
    }
    boolean verify = given.on("tlsverify") || environment.variable("DOCKER_TLS_VERIFY").isPresent();
    boolean tls = verify || given.on("tls") || environment.variable("DOCKER_TLS").isPresent();
    String address = host.substring("tcp://".length());
    while (address.endsWith("/")) {
      address = address.substring(0, address.length() - 1);
    }
    int colon = address.lastIndexOf(':');
    boolean ported = colon > address.lastIndexOf(']');
    String name = ported ? address.substring(0, colon) : address;
    if (name.startsWith("[") && name.endsWith("]")) {
      name = name.substring(1, name.length() - 1);
    }
    int port = tls ? TLS_PORT : PLAIN_PORT;
    if (ported) {
      try {
        port = Integer.parseInt(address.substring(colon + 1));
      } catch (NumberFormatException e) {
        throw new CommandFailure("cannot talk to \"" + host + "\": its port is no number");
      }
    }
    return tls ? new TlsEndpoint(name, port, files(settings), verify) : new TcpEndpoint(name, port);
  }

  private TlsFiles files(Path settings) {
    Path directory =
        environment.variable("DOCKER_CERT_PATH").map(environment::file).orElse(settings);
    TlsFiles usual = TlsFiles.in(directory);
    return new TlsFiles(
        given.value("tlscacert").map(environment::file).or(usual::authority),
        given.value("tlscert").map(environment::file).or(usual::certificate),
        given.value("tlskey").map(environment::file).or(usual::key));
  }
}
