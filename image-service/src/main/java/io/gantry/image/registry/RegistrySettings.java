package io.gantry.image.registry;

import io.gantry.image.proxy.ProxyRules;
import java.util.Objects;

/**
 * How registries are talked to.
 *
 * @param userAgent what we call ourselves
 * @param partBytes blobs larger than this are fetched in parts of this size
 * @param connectionsPerBlob how many parts of one blob are fetched at a time, at least 1
 */
public record RegistrySettings(
    String userAgent,
    Patience patience,
    long partBytes,
    int connectionsPerBlob,
    ProxyRules proxies) {

  public static final RegistrySettings DEFAULT =
      new RegistrySettings("gantry", Patience.DEFAULT, 32 << 20, 4, ProxyRules.NONE);

  public RegistrySettings {
    Objects.requireNonNull(userAgent);
    Objects.requireNonNull(patience);
    Objects.requireNonNull(proxies);
    if (partBytes < 1 || connectionsPerBlob < 1) {
      throw new IllegalArgumentException(
          "a blob cannot be fetched over "
              + connectionsPerBlob
              + " connections in parts of "
              + partBytes
              + " bytes");
    }
  }
}
