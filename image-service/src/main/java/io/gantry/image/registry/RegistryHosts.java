package io.gantry.image.registry;

import io.gantry.image.reference.Reference;
import io.gantry.image.registry.RegistryHost.Capability;
import java.io.IOException;
import java.net.URI;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which hosts to ask for a registry's content, from directories such as {@code
 * /etc/gantry/certs.d/HOST/}. They are read anew for every pull, so a change needs no restart.
 */
final class RegistryHosts {

  private final List<Path> directories;

  /**
   * @param directories each may hold one directory per registry; the first that has one for a
   *     registry is used
   */
  RegistryHosts(List<Path> directories) {
    this.directories = List.copyOf(directories);
  }

  /** The hosts to ask, in order; never empty. */
  List<RegistryHost> of(String registry) throws IOException {
    Optional<Path> directory = directoryOf(registry);
    if (directory.isPresent()) {
      Path file = directory.get().resolve("hosts.toml");
      if (Files.exists(file)) {
        return HostsToml.read(file, registry);
      }
    }
    TlsOptions tls = directory.isPresent() ? certificatesIn(directory.get()) : TlsOptions.SYSTEM;
    URI base = URI.create(defaultUrl(registry) + "/v2");
    return List.of(
        new RegistryHost(
            base,
            EnumSet.allOf(Capability.class),
            Map.of(),
            tls,
            HostsToml.DIAL_TIMEOUT,
            Login.NONE,
            true));
  }

  private Optional<Path> directoryOf(String registry) {
    List<String> names = new ArrayList<>();
    int colon = registry.lastIndexOf(':');
    if (colon > registry.lastIndexOf(']')) {
      // containerd's spelling for file systems that take no colon.
      names.add(registry.substring(0, colon) + "_" + registry.substring(colon + 1) + "_");
    }
    names.add(registry);
    names.add("_default");
    for (Path directory : directories) {
      for (String name : names) {
        Path candidate = directory.resolve(name);
        if (Files.isDirectory(candidate)) {
          return Optional.of(candidate);
        }
      }
    }
    return Optional.empty();
  }

  /**
   * Docker's layout, where there is no hosts.toml: any {@code *.crt} is trusted, any {@code *.cert}
   * shown with the {@code *.key} beside it.
   */
  private static TlsOptions certificatesIn(Path directory) throws IOException {
    List<Path> authorities = new ArrayList<>();
    List<TlsOptions.ClientCertificate> clients = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        if (name.endsWith(".crt")) {
          authorities.add(file);
        } else if (name.endsWith(".cert")) {
          Path key =
              file.resolveSibling(name.substring(0, name.length() - ".cert".length()) + ".key");
          clients.add(new TlsOptions.ClientCertificate(file, Optional.of(key)));
        }
      }
    }
    return new TlsOptions(authorities, clients, false);
  }

  /** Where a registry answers if nothing is configured for it. */
  static String defaultUrl(String registry) {
    String host = registry.equals(Reference.DEFAULT_HOST) ? "registry-1.docker.io" : registry;
    return defaultScheme(host) + "://" + host;
  }

  /**
   * Plain HTTP for this very machine, where there is no wire to listen on; HTTPS for all others.
   */
  static String defaultScheme(String authority) {
    String host = authority;
    int slash = host.indexOf('/');
    host = slash >= 0 ? host.substring(0, slash) : host;
    int colon = host.lastIndexOf(':');
    host = colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
    return isLoopback(host) ? "http" : "https";
  }

  private static boolean isLoopback(String host) {
    return host.equals("localhost")
        || host.equals("[::1]")
        || host.matches("127(\\.[0-9]{1,3}){3}");
  }
}
