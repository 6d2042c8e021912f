package io.gantry.image.manifest;

import static io.gantry.image.failure.ImageException.Kind.CORRUPT;
import static io.gantry.image.failure.ImageException.Kind.UNSUPPORTED;

import com.fasterxml.jackson.databind.JsonNode;
import io.gantry.image.failure.ImageException;
import io.gantry.image.reference.Digest;
import io.gantry.image.reference.InvalidReferenceException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * An image's configuration document (OCI image specification, config.md).
 *
 * @param diffIds the digests of the layers' uncompressed tar archives, bottom first
 */
public record ImageDocument(ImageConfig config, List<Digest> diffIds) {

  public ImageDocument {
    diffIds = List.copyOf(diffIds);
  }

  /**
   * Reads a configuration.
   *
   * @param what its name for messages
   * @throws ImageException CORRUPT if malformed, UNSUPPORTED if it is for another operating system
   */
  public static ImageDocument parse(String what, byte[] bytes) throws ImageException {
    JsonNode root = Json.parse(what, bytes);
    String os = Json.text(what, root, "os").orElse("linux");
    if (!os.isEmpty() && !os.equals("linux")) {
      throw new ImageException(UNSUPPORTED, what + " is for " + os + ", and this is a Linux node");
    }
    JsonNode rootfs = root.path("rootfs");
    String type = Json.text(what, rootfs, "type").orElse("layers");
    if (!type.equals("layers")) {
      throw new ImageException(
          UNSUPPORTED,
          what + " has a root filesystem of type \"" + type + "\" instead of \"layers\"");
    }
    List<Digest> diffIds = new ArrayList<>();
    for (String diffId : Json.texts(what, rootfs, "diff_ids")) {
      try {
        diffIds.add(Digest.parse(diffId));
      } catch (InvalidReferenceException e) {
        throw new ImageException(CORRUPT, what + ", diff_ids: " + e.getMessage(), e);
      }
    }
    return new ImageDocument(config(what + ", config", root.path("config")), diffIds);
  }

  /**
   * What a configuration says that it is for; nothing if it does not say.
   *
   * @throws ImageException CORRUPT if it is malformed
   */
  public static Optional<Platform> platform(String what, byte[] bytes) throws ImageException {
    JsonNode root = Json.parse(what, bytes);
    Optional<String> architecture = Json.text(what, root, "architecture");
    return architecture.isEmpty() || architecture.get().isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Platform(
                Json.text(what, root, "os").orElse("linux"),
                architecture.get(),
                Json.text(what, root, "variant").orElse("")));
  }

  private static ImageConfig config(String what, JsonNode node) throws ImageException {
    return new ImageConfig(
        Json.text(what, node, "User").orElse(""),
        Json.texts(what, node, "Env"),
        Json.texts(what, node, "Entrypoint"),
        Json.texts(what, node, "Cmd"),
        Json.text(what, node, "WorkingDir").orElse(""),
        Set.copyOf(Json.keys(node, "Volumes")),
        Json.text(what, node, "StopSignal").filter(signal -> !signal.isEmpty()),
        Json.map(what, node, "Labels"),
        Set.copyOf(Json.keys(node, "ExposedPorts")));
  }
}
