package io.gantry.image.registry;

import io.gantry.image.reference.Reference;
import io.gantry.image.registry.RegistryHost.Capability;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Opens repositories of registries. Thread-safe; what it opens shares connections. */
public final class RegistryClient {

  private final RegistryHosts hosts;
  private final RegistrySettings settings;
  private final CredentialSource source;
  private final HttpClients clients;
  private final Crew crew;
  private final Gates gates = new Gates();

  /**
   * @param hostDirectories where to look for directories per registry with {@code hosts.toml},
   *     first match wins
   * @param source for hosts that a request brings no credentials for
   * @param crew for large blobs
   */
  public RegistryClient(
      List<Path> hostDirectories, RegistrySettings settings, CredentialSource source, Crew crew) {
    this.crew = crew;
    this.hosts = new RegistryHosts(hostDirectories);
    this.settings = settings;
    this.source = source;
    this.clients = new HttpClients(settings.proxies());
  }

  /**
   * Gets ready to read one repository, with the configuration as it is on disk now. Nothing is sent
   * yet.
   *
   * @throws IOException if the configuration cannot be read
   */
  public RemoteRepository open(Reference reference, Credentials credentials) throws IOException {
    List<HostClient> opened = new ArrayList<>();
    HostClient.Waiting waiting =
        new HostClient.Waiting(new Pauses(settings.patience().budget()), gates);
    for (RegistryHost host : hosts.of(reference.host())) {
      if (host.capabilities().contains(Capability.PULL)
          || host.capabilities().contains(Capability.RESOLVE)) {
        opened.add(
            open(
                host,
                reference,
                host.origin() ? credentials : new Credentials.Anonymous(),
                waiting));
      }
    }
    return new RemoteRepository(reference, opened, settings, crew);
  }

  private HostClient open(
      RegistryHost host, Reference reference, Credentials credentials, HostClient.Waiting waiting)
      throws IOException {
    Transport transport = clients.of(host);
    String name = host.origin() ? reference.host() : host.base().getRawAuthority();
    String scope = "repository:" + reference.repository() + ":pull";
    Authenticator authenticator =
        new Authenticator(
            host,
            credentials,
            running -> source.find(name, reference.repository(), host.login(), running),
            scope,
            new TokenServer(transport, host, settings));
    return new HostClient(
        host,
        transport,
        authenticator,
        settings,
        waiting,
        host.origin() ? Optional.empty() : Optional.of(reference.host()));
  }
}
