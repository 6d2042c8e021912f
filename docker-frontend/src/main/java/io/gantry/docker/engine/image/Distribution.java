package io.gantry.docker.engine.image;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Exchange;
import io.gantry.docker.engine.api.Json;
import io.gantry.proto.v1.ImagePlatform;
import io.gantry.proto.v1.ResolveRequest;
import io.gantry.proto.v1.ResolveResponse;
import java.io.IOException;

/** Images as their registry has them. */
final class Distribution {

  private final ImageStore images;

  Distribution(ImageStore images) {
    this.images = images;
  }

  void inspect(Exchange exchange) throws EngineException, IOException {
    ResolveRequest.Builder request =
        ResolveRequest.newBuilder().setImage(exchange.request().parameter("name"));
    RegistryAuth.of(exchange.request()).ifPresent(request::setAuth);
    ResolveResponse found = images.api().resolve(request.build());
    ObjectNode answer = Json.object();
    answer
        .putObject("Descriptor")
        .put("mediaType", found.getMediaType())
        .put("digest", found.getDigest())
        .put("size", found.getSizeBytes());
    ArrayNode platforms = answer.putArray("Platforms");
    found.getPlatformsList().forEach(platform -> describe(platform, platforms.addObject()));
    exchange.answer(200, answer);
  }

  private static void describe(ImagePlatform platform, ObjectNode into) {
    into.put("architecture", platform.getArchitecture()).put("os", platform.getOs());
    if (!platform.getVariant().isEmpty()) {
      into.put("variant", platform.getVariant());
    }
  }
}
