package io.gantry.cri.images;

import io.gantry.cri.grpc.CriException;
import io.gantry.image.ImageRecord;
import io.gantry.image.Images;
import io.gantry.image.reference.InvalidReferenceException;
import io.gantry.image.reference.Reference;

/** Images and names as requests give them. */
final class NamedImages {

  private NamedImages() {}

  /**
   * The image of that name or id.
   *
   * @throws CriException NOT_FOUND if it is not here, INVALID_ARGUMENT if none is named
   */
  static ImageRecord find(String act, Images images, String name) {
    if (name.isEmpty()) {
      throw CriException.invalid(act + ": no image is named");
    }
    return images
        .find(name)
        .orElseThrow(() -> CriException.notFound(act + ": there is no image " + name + " here"));
  }

  /**
   * @throws CriException INVALID_ARGUMENT if it is no reference
   */
  static Reference reference(String act, String text) {
    try {
      return Reference.parse(text);
    } catch (InvalidReferenceException e) {
      throw CriException.invalid(act + ": " + e.getMessage());
    }
  }

  /**
   * A name that an image can be given.
   *
   * @throws CriException INVALID_ARGUMENT if it is no reference, or one with a digest
   */
  static Reference tag(String act, String text) {
    Reference reference = reference(act, text);
    if (reference.digest().isPresent()) {
      throw CriException.invalid(
          act + ": \"" + text + "\" has a digest; a name to give has a tag or nothing");
    }
    return reference;
  }
}
