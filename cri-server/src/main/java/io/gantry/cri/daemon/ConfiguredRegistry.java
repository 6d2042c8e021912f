package io.gantry.cri.daemon;

import io.gantry.cri.config.Config;
import io.gantry.image.distribution.RegistryServer;
import io.gantry.image.distribution.RegistryStorage;
import io.gantry.image.distribution.ServerSettings;
import io.gantry.image.distribution.wire.WireSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.function.Supplier;

/** The registry as the configuration wants it. */
final class ConfiguredRegistry {

  private ConfiguredRegistry() {}

  /**
   * Begins to serve.
   *
   * @param config asked anew for what may be re-read
   * @throws IOException if the address, the certificate or the users cannot be used
   */
  static RegistryServer serve(
      InetSocketAddress address, RegistryStorage storage, Supplier<Config> config, Clock clock)
      throws IOException {
    Config.RegistryServer settings = config.get().registryServer();
    return RegistryServer.start(
        storage,
        new ServerSettings(
            new WireSettings(
                address,
                settings
                    .tlsCert()
                    .map(cert -> new WireSettings.Tls(cert, settings.tlsKey().orElseThrow())),
                settings.maxConnections(),
                settings.progressTimeout()),
            settings.htpasswd(),
            () -> config.get().registryServer().rules(),
            settings.readOnly(),
            settings.maxBlobBytes(),
            settings.maxManifestBytes(),
            settings.uploadTimeout()),
        clock);
  }
}
