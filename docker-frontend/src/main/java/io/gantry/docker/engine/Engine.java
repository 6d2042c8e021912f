package io.gantry.docker.engine;

import io.gantry.docker.engine.api.Route;
import io.gantry.docker.engine.api.Router;
import io.gantry.docker.engine.http.HttpServer;
import io.gantry.docker.engine.image.ImageEndpoints;
import io.gantry.docker.engine.system.Absent;
import io.gantry.docker.engine.system.NodeFacts;
import io.gantry.docker.engine.system.SystemEndpoints;
import io.gantry.proto.frontend.Frontend;
import io.gantry.proto.frontend.FrontendContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts the engine's parts together: each group of endpoints is made here, with what it needs, and
 * gives its routes.
 */
final class Engine implements Frontend.Running {
  private final HttpServer server;
  private final Path socket;

  private Engine(HttpServer server, Path socket) {
    this.server = server;
    this.socket = socket;
  }

  static Engine start(FrontendContext context) throws IOException {
    Files.createDirectories(context.root());
    List<Route> routes = new ArrayList<>();
    routes.addAll(
        new SystemEndpoints(new NodeFacts(context.channel()), context.version(), info -> {})
            .routes());
    routes.addAll(new ImageEndpoints(context.channel(), (action, id, attributes) -> {}).routes());
    routes.addAll(Absent.routes());
    Router router = new Router(routes);
    return new Engine(
        HttpServer.start(context.settings(), new Dispatch(router, context.version())),
        context.settings().socket());
  }

  @Override
  public void close() {
    server.close();
  }

  @Override
  public String toString() {
    return "unix://" + socket;
  }
}
