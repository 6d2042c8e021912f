package io.gantry.docker.engine.image;

import com.fasterxml.jackson.databind.JsonNode;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Exchange;
import io.gantry.docker.engine.api.Json;
import io.gantry.docker.engine.api.Query;
import io.gantry.docker.engine.api.Route;
import io.gantry.proto.v1.LoginRequest;
import io.gantry.proto.v1.LoginResponse;
import io.gantry.proto.v1.TagRequest;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** All about images, and logging in to registries. */
public final class ImageEndpoints {

  private final ImageStore images;
  private final ImageLists lists;
  private final Transfers transfers;
  private final Archives archives;
  private final Removal removal;
  private final Distribution distribution;
  private final ImageEvents events;

  /**
   * @param channel to the daemon
   */
  public ImageEndpoints(Channel channel, ImageEvents events) {
    this.images = new ImageStore(channel);
    this.lists = new ImageLists(images);
    this.transfers = new Transfers(images, events);
    this.archives = new Archives(images, events);
    this.removal = new Removal(images, new ImageUses(channel), events);
    this.distribution = new Distribution(images);
    this.events = events;
  }

  public List<Route> routes() {
    return List.of(
        Route.get("/images/json", lists::list),
        Route.get("/images/search", ImageEndpoints::search),
        Route.get("/images/get", archives::saveSeveral),
        Route.post("/images/create", this::create),
        Route.post("/images/load", archives::load),
        Route.post("/images/prune", removal::prune),
        Route.get("/images/{name...}/json", lists::inspect),
        Route.get("/images/{name...}/history", lists::history),
        Route.get("/images/{name...}/get", archives::saveOne),
        Route.get("/images/{name...}/attestations", ImageEndpoints::attestations),
        Route.post("/images/{name...}/push", transfers::push),
        Route.post("/images/{name...}/tag", this::tag),
        Route.delete("/images/{name...}", removal::remove),
        Route.get("/distribution/{name...}/json", distribution::inspect),
        Route.post("/auth", this::auth));
  }

  private void create(Exchange exchange) throws Exception {
    Query query = exchange.request().query();
    if (query.given("fromImage").isPresent()) {
      transfers.pull(exchange);
    } else if (query.given("fromSrc").isPresent()) {
      archives.importOne(exchange);
    } else {
      throw EngineException.badRequest("neither fromImage nor fromSrc is given");
    }
  }

  private void tag(Exchange exchange) throws EngineException, IOException {
    String name = exchange.request().parameter("name");
    Query query = exchange.request().query();
    String target = ImageName.tagged(ImageName.of(query.text("repo"), query.text("tag")));
    try {
      images.api().tag(TagRequest.newBuilder().setImage(name).setTarget(target).build());
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
        throw ImageStore.noSuchImage(name);
      }
      throw e;
    }
    events.tell("tag", images.find(target).getId(), Map.of("name", target));
    exchange.answer(201);
  }

  private void auth(Exchange exchange) throws EngineException, IOException {
    JsonNode credentials = exchange.request().json();
    LoginResponse response =
        images
            .api()
            .login(
                LoginRequest.newBuilder()
                    .setRegistry(credentials.path("serveraddress").asText(""))
                    .setAuth(RegistryAuth.of(credentials))
                    .build());
    exchange.answer(
        200,
        Json.object()
            .put("Status", "Login Succeeded")
            .put("IdentityToken", response.getIdentityToken()));
  }

  private static void search(Exchange exchange) throws EngineException {
    throw EngineException.notImplemented(
        "registries have no search in the API that gantry speaks; look for images on the registry's"
            + " own pages, and for their tags by `skopeo list-tags`");
  }

  private static void attestations(Exchange exchange) throws EngineException {
    throw EngineException.notImplemented("gantry does not look at the attestations of images");
  }
}
