package io.gantry.cri.images;

import io.gantry.cri.config.Config;
import io.gantry.image.ImagesSettings;
import io.gantry.image.Parallelism;
import io.gantry.image.credential.NodeCredentials;
import io.gantry.image.proxy.ProxyRules;
import io.gantry.image.registry.Patience;
import io.gantry.image.registry.RegistrySettings;
import io.gantry.image.signature.Signatures;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The daemon's configuration in the image service's terms. */
public final class PullSettings {

  private static final String USER_AGENT = "gantry";

  private PullSettings() {}

  /**
   * @param settings those in force; asked anew where a re-read may take effect
   * @param environment may name proxies
   * @throws IllegalArgumentException if a proxy's address is malformed; the message names the key
   *     or variable
   */
  public static ImagesSettings of(Supplier<Config> settings, Map<String, String> environment) {
    Config config = settings.get();
    Config.Images images = config.images();
    Config.Registry registry = config.registry();
    return ImagesSettings.of(
            config.paths().root(),
            List.of(images.certsDir()),
            new Parallelism(
                images.maxConcurrentDownloads(),
                images.maxConnections(),
                images.maxConcurrentUnpacks()),
            new RegistrySettings(
                USER_AGENT,
                patience(registry),
                registry.partBytes(),
                registry.connectionsPerLayer(),
                ProxyRules.of(
                    registry.httpProxy(), registry.httpsProxy(), registry.noProxy(), environment)),
            new NodeCredentials.Settings(registry.authFile(), registry.helperTimeout()))
        .withPinned(() -> settings.get().images().pinned())
        .withSignatures(new Signatures(() -> settings.get().images().signaturePolicy()));
  }

  private static Patience patience(Config.Registry registry) {
    return new Patience(
        registry.responseTimeout(),
        registry.noProgressTimeout(),
        registry.leastBytesPerSecond(),
        registry.attempts(),
        Patience.DEFAULT.firstBackoff(),
        registry.longestPause(),
        registry.retryBudget());
  }
}
