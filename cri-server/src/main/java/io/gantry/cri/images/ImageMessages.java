package io.gantry.cri.images;

import io.gantry.image.ImageRecord;
import io.gantry.proto.cri.v1.Image;
import io.gantry.proto.cri.v1.ImageSpec;
import io.gantry.proto.cri.v1.Int64Value;

/** Image records as CRI messages. */
final class ImageMessages {

  private ImageMessages() {}

  static Image of(ImageRecord record) {
    Image.Builder image =
        Image.newBuilder()
            .setId(record.id().toString())
            .addAllRepoTags(record.repoTags())
            .addAllRepoDigests(record.repoDigests())
            .setSize(record.sizeBytes())
            .setSpec(ImageSpec.newBuilder().setImage(record.id().toString()))
            .setPinned(record.pinned());
    setUser(image, record.config().user());
    return image.build();
  }

  /**
   * Either the numeric id or the name, never both; the group after the colon is the runtime's own
   * business (api.proto, Image.uid).
   */
  private static void setUser(Image.Builder image, String configured) {
    int colon = configured.indexOf(':');
    String user = colon < 0 ? configured : configured.substring(0, colon);
    if (user.isEmpty()) {
      image.setUid(Int64Value.newBuilder().setValue(0));
    } else if (user.matches("[0-9]{1,18}")) {
      image.setUid(Int64Value.newBuilder().setValue(Long.parseLong(user)));
    } else {
      image.setUsername(user);
    }
  }
}
