package io.gantry.docker.engine.system;

import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Handler;
import io.gantry.docker.engine.api.Json;
import io.gantry.docker.engine.api.Route;
import java.util.ArrayList;
import java.util.List;

/** Endpoints of what this engine does not have, each with an answer that says so. */
public final class Absent {
  private static final Handler NO_SWARM =
      exchange -> {
        throw EngineException.unavailable(
            "This node is not a swarm manager: gantry has no swarm mode. Use Kubernetes for several"
                + " nodes.");
      };
  private static final Handler NO_PLUGINS =
      exchange -> {
        throw EngineException.notImplemented("gantry has no plugins of Docker's kind");
      };
  private static final Handler NO_CHECKPOINTS =
      exchange -> {
        throw EngineException.notImplemented(
            "checkpoints are not to be had over the Docker Engine API; use crictl checkpoint");
      };
  private static final Handler NO_BUILDKIT =
      exchange -> {
        throw EngineException.notImplemented(
            "gantry has no BuildKit inside: build with DOCKER_BUILDKIT=0 docker build");
      };

  private Absent() {}

  public static List<Route> routes() {
    List<Route> routes = new ArrayList<>();
    for (String kind : List.of("services", "secrets", "configs")) {
      routes.add(Route.get("/" + kind, NO_SWARM));
      routes.add(Route.post("/" + kind + "/create", NO_SWARM));
      routes.add(Route.get("/" + kind + "/{id}", NO_SWARM));
      routes.add(Route.delete("/" + kind + "/{id}", NO_SWARM));
      routes.add(Route.post("/" + kind + "/{id}/update", NO_SWARM));
    }
    routes.add(Route.get("/services/{id}/logs", NO_SWARM));
    routes.add(Route.get("/nodes", NO_SWARM));
    routes.add(Route.get("/nodes/{id}", NO_SWARM));
    routes.add(Route.delete("/nodes/{id}", NO_SWARM));
    routes.add(Route.post("/nodes/{id}/update", NO_SWARM));
    routes.add(Route.get("/tasks", NO_SWARM));
    routes.add(Route.get("/tasks/{id}", NO_SWARM));
    routes.add(Route.get("/tasks/{id}/logs", NO_SWARM));
    routes.add(Route.get("/swarm", NO_SWARM));
    routes.add(Route.get("/swarm/unlockkey", NO_SWARM));
    for (String act : List.of("init", "join", "leave", "update", "unlock")) {
      routes.add(Route.post("/swarm/" + act, NO_SWARM));
    }
    routes.add(Route.get("/plugins", exchange -> exchange.answer(200, Json.array())));
    routes.add(Route.get("/plugins/privileges", NO_PLUGINS));
    routes.add(Route.post("/plugins/pull", NO_PLUGINS));
    routes.add(Route.post("/plugins/create", NO_PLUGINS));
    routes.add(Route.get("/plugins/{name...}/json", Absent::noSuchPlugin));
    for (String act : List.of("enable", "disable", "upgrade", "push", "set")) {
      routes.add(Route.post("/plugins/{name...}/" + act, Absent::noSuchPlugin));
    }
    routes.add(Route.delete("/plugins/{name...}", Absent::noSuchPlugin));
    routes.add(Route.get("/containers/{id}/checkpoints", NO_CHECKPOINTS));
    routes.add(Route.post("/containers/{id}/checkpoints", NO_CHECKPOINTS));
    routes.add(Route.delete("/containers/{id}/checkpoints/{checkpoint}", NO_CHECKPOINTS));
    routes.add(Route.post("/session", NO_BUILDKIT));
    routes.add(Route.post("/grpc", NO_BUILDKIT));
    return List.copyOf(routes);
  }

  private static void noSuchPlugin(io.gantry.docker.engine.api.Exchange exchange)
      throws EngineException {
    throw EngineException.notFound(
        "plugin \"" + exchange.request().parameter("name") + "\" not found");
  }
}
