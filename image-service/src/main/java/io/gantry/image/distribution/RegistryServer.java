package io.gantry.image.distribution;

import io.gantry.image.content.ContentStore;
import io.gantry.image.distribution.access.Gate;
import io.gantry.image.distribution.access.Htpasswd;
import io.gantry.image.distribution.access.Right;
import io.gantry.image.distribution.api.Parts;
import io.gantry.image.distribution.api.RegistryApi;
import io.gantry.image.distribution.cache.PullThrough;
import io.gantry.image.distribution.repository.Repositories;
import io.gantry.image.distribution.upload.Uploads;
import io.gantry.image.distribution.wire.HttpListener;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A registry that serves. Thread-safe. */
public final class RegistryServer implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(RegistryServer.class);

  private final Housekeeping housekeeping;
  private final Optional<PullThrough> upstream;
  private final HttpListener listener;

  private RegistryServer(
      Housekeeping housekeeping, Optional<PullThrough> upstream, HttpListener listener) {
    this.housekeeping = housekeeping;
    this.upstream = upstream;
    this.listener = listener;
  }

  /**
   * Begins to serve what lies below the storage's root.
   *
   * @throws IOException if the address, the certificate or the users cannot be used
   */
  public static RegistryServer start(RegistryStorage storage, ServerSettings settings, Clock clock)
      throws IOException {
    ContentStore content = storage.content();
    Repositories repositories = storage.repositories();
    Optional<Htpasswd> users =
        settings.htpasswd().isPresent()
            ? Optional.of(Htpasswd.open(settings.htpasswd().get()))
            : Optional.empty();
    Uploads uploads =
        Uploads.open(
            storage.uploads(),
            repositories,
            content,
            settings.blobLimitBytes(),
            settings.uploadLifetime(),
            clock);
    Optional<PullThrough> upstream =
        settings.upstream().isPresent()
            ? Optional.of(
                new PullThrough(
                    settings.upstream().get().client(),
                    settings.upstream().get().host(),
                    content,
                    storage.arrivals()))
            : Optional.empty();
    Housekeeping housekeeping =
        Housekeeping.start(storage, uploads, settings.uploadLifetime(), clock);
    try {
      HttpListener listener =
          HttpListener.start(
              settings.wire(),
              new RegistryApi(
                  new Parts(
                      repositories,
                      uploads,
                      content,
                      new Gate(users, settings.rules()),
                      settings.manifestLimitBytes(),
                      refused(settings),
                      upstream,
                      housekeeping::collectSoon)));
      tell(settings, listener.address());
      return new RegistryServer(housekeeping, upstream, listener);
    } catch (IOException e) {
      housekeeping.close();
      throw e;
    }
  }

  /** What a cache has is what the other registry has; what it need not have can go. */
  private static Set<Right> refused(ServerSettings settings) {
    if (settings.readOnly()) {
      return EnumSet.of(Right.PUSH, Right.DELETE);
    }
    return settings.upstream().isPresent() ? EnumSet.of(Right.PUSH) : EnumSet.noneOf(Right.class);
  }

  private static void tell(ServerSettings settings, InetSocketAddress address) {
    log.atInfo()
        .addKeyValue("address", address)
        .addKeyValue("tls", settings.wire().tls().isPresent())
        .addKeyValue("read_only", settings.readOnly())
        .addKeyValue("cache_of", settings.upstream().map(ServerSettings.Upstream::host).orElse(""))
        .log("registry listens");
    if (settings.htpasswd().isEmpty() && !address.getAddress().isLoopbackAddress()) {
      log.atWarn()
          .addKeyValue("address", address)
          .log("everybody who reaches the registry has its rights: it has no users");
    } else if (settings.htpasswd().isPresent()
        && settings.wire().tls().isEmpty()
        && !address.getAddress().isLoopbackAddress()) {
      log.atWarn().addKeyValue("address", address).log("passwords go to the registry in the clear");
    }
  }

  /** Where it listens, with the port in place of 0. */
  public InetSocketAddress address() {
    return listener.address();
  }

  /** Cuts off every client. */
  @Override
  public void close() {
    listener.close();
    upstream.ifPresent(PullThrough::close);
    housekeeping.close();
  }
}
