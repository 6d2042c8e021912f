package io.gantry.cri.images;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Handler;
import io.gantry.image.ImageRecord;
import io.gantry.image.Images;
import io.gantry.proto.cri.v1.ImageStatusRequest;
import io.gantry.proto.cri.v1.ImageStatusResponse;
import java.util.Optional;

/** ImageStatus: one image; none, without an error, if it is not here. */
public final class ImageStatus implements Handler<ImageStatusRequest, ImageStatusResponse> {

  private static final JsonMapper MAPPER = new JsonMapper();

  private final Images images;

  public ImageStatus(Images images) {
    this.images = images;
  }

  @Override
  public ImageStatusResponse handle(ImageStatusRequest request) throws JsonProcessingException {
    String wanted = request.getImage().getImage();
    if (wanted.isEmpty()) {
      throw CriException.invalid("image status: no image is named");
    }
    Optional<ImageRecord> found = images.find(wanted);
    if (found.isEmpty()) {
      return ImageStatusResponse.getDefaultInstance();
    }
    ImageStatusResponse.Builder response =
        ImageStatusResponse.newBuilder().setImage(ImageMessages.of(found.get()));
    if (request.getVerbose()) {
      response.putInfo("info", info(found.get()));
    }
    return response.build();
  }

  /** The keys that tools read: the chain of layers and the image's configuration document. */
  private static String info(ImageRecord image) throws JsonProcessingException {
    ObjectNode info = MAPPER.createObjectNode();
    info.put("chainID", image.topChainId().map(Object::toString).orElse(""));
    info.set("imageSpec", MAPPER.readTree(image.configJson()));
    return MAPPER.writeValueAsString(info);
  }
}
