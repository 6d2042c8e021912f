package io.gantry.image.registry;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * Where the credentials for a host are to be had, as its table in hosts.toml says; gantry's own
 * addition to containerd's keys.
 *
 * @param user with {@code passwordFile}
 * @param passwordFile holds the password and nothing else
 * @param helper a credential helper, by the name that Docker's configuration would give or by path
 * @param domain the name under which helpers and config.json know the host, if not its own
 */
public record Login(
    Optional<String> user,
    Optional<Path> passwordFile,
    Optional<String> helper,
    Optional<String> domain) {

  /** Nothing in particular. */
  static final Login NONE =
      new Login(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  public Login {
    Objects.requireNonNull(user);
    Objects.requireNonNull(passwordFile);
    Objects.requireNonNull(helper);
    Objects.requireNonNull(domain);
  }
}
