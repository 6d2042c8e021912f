package io.gantry.image.manifest;

import java.util.List;
import java.util.Set;

/**
 * The media types of images, OCI's and Docker's (OCI image specification, media-types.md, with its
 * table of compatibility).
 */
public final class MediaTypes {

  public static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
  public static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  public static final String OCI_CONFIG = "application/vnd.oci.image.config.v1+json";
  public static final String DOCKER_INDEX =
      "application/vnd.docker.distribution.manifest.list.v2+json";
  public static final String DOCKER_MANIFEST =
      "application/vnd.docker.distribution.manifest.v2+json";
  public static final String DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json";

  /** What a request for a manifest says it takes, best first. */
  public static final List<String> ACCEPTED_MANIFESTS =
      List.of(OCI_INDEX, OCI_MANIFEST, DOCKER_INDEX, DOCKER_MANIFEST);

  private static final Set<String> INDEXES = Set.of(OCI_INDEX, DOCKER_INDEX);
  private static final Set<String> MANIFESTS = Set.of(OCI_MANIFEST, DOCKER_MANIFEST);

  private MediaTypes() {}

  public static boolean isIndex(String mediaType) {
    return INDEXES.contains(mediaType);
  }

  public static boolean isManifest(String mediaType) {
    return MANIFESTS.contains(mediaType);
  }

  /** Docker's first manifest format, which has no digest for the image as a whole. */
  static boolean isSchema1(String mediaType) {
    return mediaType.startsWith("application/vnd.docker.distribution.manifest.v1+");
  }

  /** Layers that the registry does not hold and that are to be fetched from elsewhere. */
  static boolean isForeignLayer(String mediaType) {
    return mediaType.contains(".nondistributable.") || mediaType.contains(".foreign.");
  }

  static boolean isEncryptedLayer(String mediaType) {
    return mediaType.endsWith("+encrypted");
  }

  /**
   * A tar archive, compressed or not. Which compression it is, the bytes tell; the name is not
   * relied upon.
   */
  static boolean isLayer(String mediaType) {
    return mediaType.startsWith("application/vnd.oci.image.layer.v1.tar")
        || mediaType.startsWith("application/vnd.docker.image.rootfs.diff.tar");
  }

  /** What a layer of which nothing else is known is to be called, by how its bytes begin. */
  public static String layerType(byte[] beginning) {
    String tar = "application/vnd.oci.image.layer.v1.tar";
    if (beginning.length >= 2 && (beginning[0] & 0xff) == 0x1f && (beginning[1] & 0xff) == 0x8b) {
      return tar + "+gzip";
    }
    boolean zstd =
        beginning.length >= 4
            && (beginning[0] & 0xff) == 0x28
            && (beginning[1] & 0xff) == 0xb5
            && (beginning[2] & 0xff) == 0x2f
            && (beginning[3] & 0xff) == 0xfd;
    return zstd ? tar + "+zstd" : tar;
  }

  /** The type alone, without parameters such as {@code charset}. */
  static String withoutParameters(String contentType) {
    int semicolon = contentType.indexOf(';');
    return (semicolon < 0 ? contentType : contentType.substring(0, semicolon)).trim();
  }
}
