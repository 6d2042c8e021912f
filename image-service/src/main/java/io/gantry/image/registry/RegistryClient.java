package io.gantry.image.registry;

import static io.gantry.image.failure.ImageException.Kind.UNSUPPORTED;

import io.gantry.image.failure.ImageException;
import io.gantry.image.reference.Reference;
import io.gantry.image.registry.RegistryHost.Capability;
import io.gantry.image.work.Cancellation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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
    HostClient.Waiting waiting = waiting();
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

  /**
   * Gets ready to send to one repository: at the first host that takes uploads, as containerd has
   * it.
   *
   * @param others repositories of the same registry that blobs may be taken from
   * @throws ImageException UNSUPPORTED if the configuration has no such host
   * @throws IOException if the configuration cannot be read
   */
  public PushRepository openForPush(
      Reference reference, Credentials credentials, List<String> others) throws IOException {
    RegistryHost host =
        hosts.of(reference.host()).stream()
            .filter(one -> one.capabilities().contains(Capability.PUSH))
            .findFirst()
            .orElseThrow(
                () ->
                    new ImageException(
                        UNSUPPORTED,
                        reference
                            + ": no host of "
                            + reference.host()
                            + " is configured for push"));
    StringBuilder scope = new StringBuilder("repository:" + reference.repository() + ":pull,push");
    others.forEach(other -> scope.append(" repository:").append(other).append(":pull"));
    HostClient client =
        open(
            host,
            reference.host(),
            reference.repository(),
            scope.toString(),
            host.origin() ? credentials : new Credentials.Anonymous(),
            waiting());
    return new PushRepository(reference, client, settings);
  }

  /**
   * Asks a registry whether it takes credentials.
   *
   * @param registry its host, with the port if it has one
   * @throws ImageException UNAUTHORIZED if it does not
   * @throws IOException if the configuration cannot be read
   */
  public void login(String registry, Credentials credentials, Cancellation cancellation)
      throws IOException {
    List<RegistryHost> all = hosts.of(registry);
    HostClient client = open(all.get(all.size() - 1), registry, "", "", credentials, waiting());
    client.ask(new HostClient.Ask("GET", "/", Map.of(), Set.of(200)), cancellation).body().close();
  }

  private HostClient.Waiting waiting() {
    return new HostClient.Waiting(new Pauses(settings.patience().budget()), gates);
  }

  private HostClient open(
      RegistryHost host, Reference reference, Credentials credentials, HostClient.Waiting waiting)
      throws IOException {
    return open(
        host,
        reference.host(),
        reference.repository(),
        "repository:" + reference.repository() + ":pull",
        credentials,
        waiting);
  }

  private HostClient open(
      RegistryHost host,
      String registry,
      String repository,
      String scope,
      Credentials credentials,
      HostClient.Waiting waiting)
      throws IOException {
    Transport transport = clients.of(host);
    String name = host.origin() ? registry : host.base().getRawAuthority();
    Authenticator authenticator =
        new Authenticator(
            host,
            credentials,
            running -> source.find(name, repository, host.login(), running),
            scope,
            new TokenServer(transport, host, settings));
    return new HostClient(
        host,
        transport,
        authenticator,
        settings,
        waiting,
        host.origin() ? Optional.empty() : Optional.of(registry));
  }
}
