package io.gantry.image.registry;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * One place to ask for a registry's content: the registry itself, or a mirror of it.
 *
 * @param base scheme, authority and the path that API paths follow, without a slash at the end:
 *     {@code https://mirror:5000/v2}
 * @param capabilities what it may be asked for
 * @param headers sent with every request to this very host
 * @param dialTimeout how long making a connection may take
 * @param login where this node's own credentials for it are
 * @param origin whether it is the registry itself, which alone gets the puller's credentials
 */
record RegistryHost(
    URI base,
    Set<Capability> capabilities,
    Map<String, List<String>> headers,
    TlsOptions tls,
    Duration dialTimeout,
    Login login,
    boolean origin) {

  /** What a host may be asked for, in the words of hosts.toml. */
  enum Capability {
    /** Content by digest, which can be verified. */
    PULL,
    /** What digest a tag stands for, which must be trusted. */
    RESOLVE,
    /** Taking uploads. */
    PUSH
  }

  RegistryHost {
    Objects.requireNonNull(base);
    capabilities = Set.copyOf(capabilities);
    headers = Map.copyOf(headers);
    Objects.requireNonNull(tls);
    Objects.requireNonNull(dialTimeout);
    Objects.requireNonNull(login);
  }

  /** For messages; headers may hold secrets and stay out. */
  @Override
  public String toString() {
    return base.getScheme() + "://" + base.getRawAuthority();
  }
}
