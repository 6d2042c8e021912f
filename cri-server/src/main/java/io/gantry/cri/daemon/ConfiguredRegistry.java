package io.gantry.cri.daemon;

import io.gantry.cri.config.Config;
import io.gantry.cri.images.PullSettings;
import io.gantry.image.ImagesSettings;
import io.gantry.image.credential.NodeCredentials;
import io.gantry.image.distribution.RegistryServer;
import io.gantry.image.distribution.RegistryStorage;
import io.gantry.image.distribution.ServerSettings;
import io.gantry.image.distribution.wire.WireSettings;
import io.gantry.image.registry.Crew;
import io.gantry.image.registry.RegistryClient;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.function.Supplier;

/** The registry as the configuration wants it. */
final class ConfiguredRegistry {

  private ConfiguredRegistry() {}

  /** The other registry is talked to as pulls talk to registries: mirrors, credentials, proxies. */
  private static ServerSettings.Upstream upstream(String host, Config config) {
    ImagesSettings pulls = PullSettings.of(() -> config, System.getenv());
    return new ServerSettings.Upstream(
        host,
        new RegistryClient(
            pulls.hostDirectories(),
            pulls.registry(),
            new NodeCredentials(pulls.credentials()),
            Crew.NONE));
  }

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
            settings.upstream().map(host -> upstream(host, config.get())),
            settings.maxBlobBytes(),
            settings.maxManifestBytes(),
            settings.uploadTimeout()),
        clock);
  }
}
