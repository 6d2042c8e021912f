package io.gantry.cri.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.cri.config.Config;
import io.gantry.image.ImagesSettings;
import io.gantry.image.registry.RegistrySettings;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PullSettingsTest {

  @Test
  void defaults_areTheImageServicesOwn() {
    ImagesSettings settings = PullSettings.of(Config::defaults, Map.of());
    assertEquals(RegistrySettings.DEFAULT.patience(), settings.registry().patience());
    assertEquals(RegistrySettings.DEFAULT.partBytes(), settings.registry().partBytes());
    assertTrue(settings.registry().proxies().proxyFor(URI.create("https://example.com")).isEmpty());
  }

  @Test
  void environment_namesTheProxy() {
    ImagesSettings settings =
        PullSettings.of(Config::defaults, Map.of("HTTPS_PROXY", "http://proxy:3128"));
    assertEquals(
        "http://proxy:3128",
        settings
            .registry()
            .proxies()
            .proxyFor(URI.create("https://example.com"))
            .orElseThrow()
            .toString());
    assertThrows(
        IllegalArgumentException.class,
        () -> PullSettings.of(Config::defaults, Map.of("HTTPS_PROXY", "socks5://p")));
  }
}
