package io.gantry.cri.config;

import static io.gantry.cri.config.Key.Change.RESTART;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The keys of the table {@code [docker]}: the Docker Engine API. */
final class DockerKeys {
  private static final String TABLE = "docker";

  static final Key<Boolean> ENABLED =
      key("enabled", Kinds.flag(), true, "Serve the Docker Engine API.");
  static final Key<Path> SOCKET =
      new Key<>(
          TABLE,
          "socket",
          Kinds.path(),
          values -> values.get(Keys.STATE).resolve("docker.sock"),
          RESTART,
          "The unix socket that serves it. Left out, it is docker.sock in paths.state.");
  static final Key<String> GROUP =
      key(
          "group",
          Kinds.text(),
          "docker",
          "The group whose members may use the socket, which makes them root. Without such a group"
              + " it is root's.");
  static final Key<Optional<InetSocketAddress>> LISTEN =
      key(
          "listen",
          Kinds.optionalSocketAddress(),
          Optional.empty(),
          "Where the same is served over TCP, as \"192.0.2.7:2376\"; needs tls_ca, tls_cert and"
              + " tls_key. \"\" is nowhere.");
  static final Key<Optional<Path>> TLS_CA =
      key(
          "tls_ca",
          Kinds.optionalPath(),
          Optional.empty(),
          "Who must have signed the clients' certificates (PEM).");
  static final Key<Optional<Path>> TLS_CERT =
      key("tls_cert", Kinds.optionalPath(), Optional.empty(), "The server's certificates (PEM).");
  static final Key<Optional<Path>> TLS_KEY =
      key(
          "tls_key",
          Kinds.optionalPath(),
          Optional.empty(),
          "The certificate's private key (PEM, PKCS #8, not encrypted).");
  static final Key<Boolean> WITHOUT_TLS =
      key(
          "without_tls",
          Kinds.flag(),
          false,
          "Serve listen without TLS: whoever can connect is root on this machine.");
  static final Key<Boolean> SHOW_PODS =
      key("show_pods", Kinds.flag(), false, "List the containers of the kubelet's pods, too.");

  static final List<Key<?>> ALL =
      List.of(ENABLED, SOCKET, GROUP, LISTEN, TLS_CA, TLS_CERT, TLS_KEY, WITHOUT_TLS, SHOW_PODS);

  private DockerKeys() {}

  /** What only all keys together can show to be wrong; empty if nothing is. */
  static Optional<String> problem(Values values) {
    boolean anyTls =
        values.get(TLS_CA).isPresent()
            || values.get(TLS_CERT).isPresent()
            || values.get(TLS_KEY).isPresent();
    boolean allTls =
        values.get(TLS_CA).isPresent()
            && values.get(TLS_CERT).isPresent()
            && values.get(TLS_KEY).isPresent();
    if (anyTls && !allTls) {
      return Optional.of("docker.tls_ca, docker.tls_cert and docker.tls_key need each other");
    }
    if (values.get(LISTEN).isPresent() && !allTls && !values.get(WITHOUT_TLS)) {
      return Optional.of(
          "docker.listen needs docker.tls_ca, docker.tls_cert and docker.tls_key, or"
              + " docker.without_tls = true, which makes everybody who can connect root");
    }
    return Optional.empty();
  }

  private static <T> Key<T> key(String name, Key.Kind<T> kind, T value, String words) {
    return new Key<>(TABLE, name, kind, values -> value, RESTART, words);
  }
}
