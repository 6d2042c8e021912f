package io.gantry.docker.engine.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Json;
import io.gantry.proto.cri.v1.ImageSpec;
import io.gantry.proto.cri.v1.ImageStatusRequest;
import io.gantry.proto.cri.v1.ImageStatusResponse;
import io.gantry.proto.v1.ImageDetails;
import io.gantry.proto.v1.InspectImageRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/**
 * What a container takes from its image.
 *
 * @param id with its algorithm
 * @param config the image's own object {@code config}: Cmd, Env, User …
 */
public record ImageFacts(String id, JsonNode config) {

  /**
   * Asks for an image.
   *
   * @throws EngineException if it is not here
   */
  public static ImageFacts read(Runtime runtime, String image) throws EngineException {
    try {
      ImageDetails details =
          runtime.images().inspect(InspectImageRequest.newBuilder().setImage(image).build());
      return new ImageFacts(
          details.getId(),
          Json.parse(details.getConfig().toByteArray(), "image configuration").path("config"));
    } catch (StatusRuntimeException e) {
      return switch (e.getStatus().getCode()) {
        case NOT_FOUND -> throw EngineException.notFound("No such image: " + withTag(image));
        case UNIMPLEMENTED -> ofCri(runtime, image);
        default -> throw e;
      };
    }
  }

  /** For runtimes that are no gantry: they tell the configuration to who asks for more words. */
  private static ImageFacts ofCri(Runtime runtime, String image) throws EngineException {
    ImageStatusResponse response;
    try {
      response =
          runtime
              .criImages()
              .imageStatus(
                  ImageStatusRequest.newBuilder()
                      .setImage(ImageSpec.newBuilder().setImage(image))
                      .setVerbose(true)
                      .build());
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.INVALID_ARGUMENT) {
        throw EngineException.badRequest(e.getStatus().getDescription());
      }
      throw e;
    }
    if (!response.hasImage()) {
      throw EngineException.notFound("No such image: " + withTag(image));
    }
    JsonNode info = Json.parse(response.getInfoOrDefault("info", "{}"), "image status");
    return new ImageFacts(response.getImage().getId(), info.path("imageSpec").path("config"));
  }

  private static String withTag(String image) {
    boolean hasTag = image.lastIndexOf(':') > image.lastIndexOf('/') || image.contains("@");
    return hasTag || image.matches("[0-9a-f]{64}") ? image : image + ":latest";
  }
}
