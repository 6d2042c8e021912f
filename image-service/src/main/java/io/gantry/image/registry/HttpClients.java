package io.gantry.image.registry;

import io.gantry.image.proxy.ProxyRules;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The HTTP clients in use, one per kind of TLS so that connections are used again from pull to
 * pull. Thread-safe.
 */
final class HttpClients {

  /** The JDK does not send proxies a Basic password for HTTPS unless this is set to nothing. */
  private static final String REFUSED_SCHEMES = "jdk.http.auth.tunneling.disabledSchemes";

  static {
    if (System.getProperty(REFUSED_SCHEMES) == null) {
      System.setProperty(REFUSED_SCHEMES, "");
    }
  }

  /**
   * Certificates are read anew once their files change, which is why the times belong to the key.
   */
  private record Key(TlsOptions tls, Duration dialTimeout, List<FileTime> changed) {}

  // Guarded by itself. Bounded by clearing: a node has a handful of registries, and certificates
  // change monthly.
  private final Map<Key, Transport> clients = new HashMap<>();
  private static final int LIMIT = 64;

  private final ProxyRules proxies;

  HttpClients(ProxyRules proxies) {
    this.proxies = proxies;
  }

  Transport of(RegistryHost host) throws IOException {
    Key key = new Key(host.tls(), host.dialTimeout(), changeTimes(host.tls()));
    synchronized (clients) {
      Transport known = clients.get(key);
      if (known != null) {
        return known;
      }
      if (clients.size() >= LIMIT) {
        clients.clear();
      }
      Transport client = create(host);
      clients.put(key, client);
      return client;
    }
  }

  private Transport create(RegistryHost host) throws IOException {
    ClientKeys keys = TlsContexts.clientKeys(host.tls());
    HttpClient http =
        HttpClient.newBuilder()
            .connectTimeout(host.dialTimeout())
            .followRedirects(
                HttpClient.Redirect.NEVER) // Followed by hand, without the credentials.
            .proxy(proxies.selector())
            .sslContext(TlsContexts.create(host.tls(), keys))
            .build();
    return new Transport(http, keys, proxies);
  }

  private static List<FileTime> changeTimes(TlsOptions tls) throws IOException {
    List<FileTime> times = new ArrayList<>();
    for (Path file : tls.authorities()) {
      times.add(Files.getLastModifiedTime(file));
    }
    for (TlsOptions.ClientCertificate client : tls.clients()) {
      times.add(Files.getLastModifiedTime(client.certificate()));
      if (client.key().isPresent()) {
        times.add(Files.getLastModifiedTime(client.key().get()));
      }
    }
    return times;
  }
}
