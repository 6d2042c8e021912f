package io.gantry.cri.config;

import static io.gantry.cri.config.Key.Change.RELOAD;
import static io.gantry.cri.config.Key.Change.RESTART;

import io.gantry.image.distribution.access.Rule;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The keys of the table {@code [registry_server]}: images served by the OCI distribution API. */
final class RegistryServerKeys {
  private static final String TABLE = "registry_server";
  private static final long MIB = 1 << 20;

  static final Key<Optional<InetSocketAddress>> LISTEN =
      key(
          "listen",
          Kinds.optionalSocketAddress(),
          Optional.empty(),
          RESTART,
          "Where this machine is a registry itself, as \"127.0.0.1:5000\" or \"[::1]:5000\". \"\" is"
              + " nowhere.");
  static final Key<Optional<Path>> TLS_CERT =
      key(
          "tls_cert",
          Kinds.optionalPath(),
          Optional.empty(),
          RESTART,
          "Certificate chain (PEM) for TLS; \"\" is plain HTTP. A changed file is read again.");
  static final Key<Optional<Path>> TLS_KEY =
      key(
          "tls_key",
          Kinds.optionalPath(),
          Optional.empty(),
          RESTART,
          "The certificate's private key (PEM, PKCS #8, not encrypted).");
  static final Key<Optional<Path>> HTPASSWD =
      key(
          "htpasswd",
          Kinds.optionalPath(),
          Optional.empty(),
          RESTART,
          "The registry's users, as \"htpasswd -B\" writes them; \"\" asks nobody for a password. A"
              + " changed file is read again.");
  static final Key<List<Rule>> RULES =
      key(
          "rules",
          Kinds.rules(),
          List.of(),
          RELOAD,
          "Who may do what: \"WHO RIGHTS PATTERN\", as in \"ci pull,push builds/**\". WHO is a user, \"@\""
              + " for all users or \"*\" for everybody; RIGHTS are of pull, push and delete; in a PATTERN"
              + " of repositories \"*\" is any part of a name and \"**\" any at all. Without rules every"
              + " user may do everything, or everybody where there are no users.");
  static final Key<Boolean> READ_ONLY =
      key("read_only", Kinds.flag(), false, RESTART, "Refuse every change.");
  static final Key<Optional<String>> UPSTREAM =
      key(
          "upstream",
          Kinds.optionalRegistryHost(),
          Optional.empty(),
          RESTART,
          "The registry that this one is a cache of, as \"docker.io\": it fetches and keeps what it is"
              + " asked for, and takes no pushes. \"\" is none.");
  static final Key<Long> MAX_CONNECTIONS =
      key(
          "max_connections",
          Kinds.number(1, 65535),
          256L,
          RESTART,
          "How many clients are served at a time (1-65535).");
  static final Key<Long> MAX_BLOB_BYTES =
      key(
          "max_blob_bytes",
          Kinds.number(1, Long.MAX_VALUE),
          64 * 1024 * MIB,
          RESTART,
          "The largest blob that may be pushed, in bytes.");
  static final Key<Long> MAX_MANIFEST_BYTES =
      key(
          "max_manifest_bytes",
          Kinds.number(1024, 64 * MIB),
          4 * MIB,
          RESTART,
          "The largest manifest that may be pushed, in bytes.");
  static final Key<Duration> UPLOAD_TIMEOUT =
      key(
          "upload_timeout",
          Kinds.duration(),
          Duration.ofHours(24),
          RESTART,
          "How long the upload of one blob may take, pauses and restarts included. A blob that no"
              + " manifest has named after that time is forgotten.");
  static final Key<Duration> PROGRESS_TIMEOUT =
      key(
          "progress_timeout",
          Kinds.duration(),
          Duration.ofSeconds(60),
          RESTART,
          "A client that has sent or taken nothing for so long is cut off.");

  static final List<Key<?>> ALL =
      List.of(
          LISTEN,
          TLS_CERT,
          TLS_KEY,
          HTPASSWD,
          RULES,
          READ_ONLY,
          UPSTREAM,
          MAX_CONNECTIONS,
          MAX_BLOB_BYTES,
          MAX_MANIFEST_BYTES,
          UPLOAD_TIMEOUT,
          PROGRESS_TIMEOUT);

  private RegistryServerKeys() {}

  private static <T> Key<T> key(
      String name, Key.Kind<T> kind, T value, Key.Change change, String words) {
    return new Key<>(TABLE, name, kind, values -> value, change, words);
  }
}
