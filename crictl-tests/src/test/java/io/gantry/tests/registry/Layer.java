package io.gantry.tests.registry;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.GZIPOutputStream;

/**
 * One finished layer.
 *
 * @param blob the bytes as the registry serves them
 * @param diffId digest of the uncompressed tar
 * @param compression how the blob is compressed; part of its media type
 */
public record Layer(byte[] blob, String diffId, Compression compression) {

  /** How a layer's blob is compressed. */
  public enum Compression {
    NONE("", ""),
    GZIP("+gzip", ".gzip");

    private final String ociSuffix;
    private final String dockerSuffix;

    Compression(String ociSuffix, String dockerSuffix) {
      this.ociSuffix = ociSuffix;
      this.dockerSuffix = dockerSuffix;
    }
  }

  static Layer gzip(byte[] tar) {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
      gzip.write(tar);
    } catch (IOException e) {
      throw new UncheckedIOException("compress layer", e);
    }
    return new Layer(compressed.toByteArray(), Digests.sha256(tar), Compression.GZIP);
  }

  /** A tar archive as it is. */
  public static Layer plain(byte[] tar) {
    return new Layer(tar, Digests.sha256(tar), Compression.NONE);
  }

  /** The digest of the blob. */
  public String digest() {
    return Digests.sha256(blob);
  }

  String mediaType(ManifestFormat format) {
    return switch (format) {
      case OCI -> "application/vnd.oci.image.layer.v1.tar" + compression.ociSuffix;
      case DOCKER -> "application/vnd.docker.image.rootfs.diff.tar" + compression.dockerSuffix;
    };
  }
}
