package io.gantry.cri.config;

import static io.gantry.cri.config.Key.Change.RESTART;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The keys of the table [registry]: how registries are talked to. */
final class RegistryKeys {
  private static final String TABLE = "registry";
  private static final long MIB = 1 << 20;

  static final Key<Optional<Path>> AUTH_FILE =
      key(
          "auth_file",
          Kinds.optionalPath(),
          Optional.of(Path.of("/etc/gantry/auth.json")),
          "Credentials for requests that bring none, in the form of Docker's config.json. It need"
              + " not exist, and is read anew for each pull.");
  static final Key<Duration> HELPER_TIMEOUT =
      key(
          "helper_timeout",
          Kinds.duration(),
          Duration.ofSeconds(10),
          "How long a credential helper may run.");
  static final Key<String> HTTP_PROXY =
      key(
          "http_proxy",
          Kinds.text(),
          "",
          "The proxy for plain HTTP, as http://HOST:PORT. \"\" takes the environment's HTTP_PROXY,"
              + " \"direct\" uses none.");
  static final Key<String> HTTPS_PROXY =
      key(
          "https_proxy",
          Kinds.text(),
          "",
          "The proxy for HTTPS, as http://HOST:PORT. \"\" takes the environment's HTTPS_PROXY,"
              + " \"direct\" uses none.");
  static final Key<List<String>> NO_PROXY =
      key(
          "no_proxy",
          Kinds.texts(),
          List.of(),
          "Domains, addresses and networks that are reached without a proxy. [] takes the"
              + " environment's NO_PROXY.");
  static final Key<Duration> RESPONSE_TIMEOUT =
      key(
          "response_timeout",
          Kinds.duration(),
          Duration.ofSeconds(30),
          "How long a registry may take to begin its answer.");
  static final Key<Duration> NO_PROGRESS_TIMEOUT =
      key(
          "no_progress_timeout",
          Kinds.duration(),
          Duration.ofSeconds(60),
          "A connection that brings nothing for so long is cut, and the download goes on over"
              + " another.");
  static final Key<Long> LEAST_BYTES_PER_SECOND =
      key(
          "least_bytes_per_second",
          Kinds.number(0, 1024 * MIB),
          1024L,
          "One that brings less than this on the average of that time is cut as well; 0 cuts none.");
  static final Key<Long> ATTEMPTS =
      key(
          "attempts",
          Kinds.number(1, 100),
          5L,
          "How often a request is tried in all while nothing comes of it (1-100).");
  static final Key<Duration> LONGEST_PAUSE =
      key(
          "longest_pause",
          Kinds.duration(),
          Duration.ofSeconds(30),
          "The longest pause between two attempts, and the longest Retry-After that is waited for.");
  static final Key<Duration> RETRY_BUDGET =
      key(
          "retry_budget",
          Kinds.duration(),
          Duration.ofMinutes(5),
          "How long all pauses of one pull may be together.");
  static final Key<Long> PART_BYTES =
      key(
          "part_bytes",
          Kinds.number(MIB, Integer.MAX_VALUE),
          32 * MIB,
          "Larger layers are fetched in parts of this size, in bytes.");
  static final Key<Long> CONNECTIONS_PER_LAYER =
      key(
          "connections_per_layer",
          Kinds.number(1, 64),
          4L,
          "How many parts of one layer are fetched at a time (1-64).");

  private RegistryKeys() {}

  private static <T> Key<T> key(String name, Key.Kind<T> kind, T value, String words) {
    return new Key<>(TABLE, name, kind, values -> value, RESTART, words);
  }
}
