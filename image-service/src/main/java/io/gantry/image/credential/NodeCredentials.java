package io.gantry.image.credential;

import static io.gantry.image.failure.ImageException.Kind.UNAUTHORIZED;

import io.gantry.image.failure.ImageException;
import io.gantry.image.registry.CredentialSource;
import io.gantry.image.registry.Credentials;
import io.gantry.image.registry.Login;
import io.gantry.image.work.Cancellation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * The credentials of this node: those that hosts.toml names for a host, else those of a file like
 * Docker's config.json. Thread-safe; nothing is remembered, so a change counts from the next
 * question on.
 */
public final class NodeCredentials implements CredentialSource {

  /**
   * @param file of the form of Docker's config.json; need not exist
   * @param helperTimeout how long a helper program may run
   */
  public record Settings(Optional<Path> file, Duration helperTimeout) {
    /** No file. */
    public static final Settings NONE = new Settings(Optional.empty(), Duration.ofSeconds(10));

    public Settings {
      Objects.requireNonNull(file);
      Objects.requireNonNull(helperTimeout);
    }
  }

  private final Settings settings;

  public NodeCredentials(Settings settings) {
    this.settings = settings;
  }

  @Override
  public Credentials find(String registry, String repository, Login login, Cancellation running)
      throws ImageException {
    String domain = login.domain().orElse(registry);
    if (login.passwordFile().isPresent()) {
      return password(login.user().orElse(""), login.passwordFile().get());
    }
    if (login.helper().isPresent()) {
      return helper(login.helper().get()).get(DockerConfig.serverOf(domain), running);
    }
    if (settings.file().isEmpty()) {
      return new Credentials.Anonymous();
    }
    DockerConfig config = DockerConfig.read(settings.file().get());
    Optional<String> helper = config.helper(domain);
    if (helper.isPresent()) {
      Credentials found = helper(helper.get()).get(DockerConfig.serverOf(domain), running);
      if (!(found instanceof Credentials.Anonymous)) {
        return found;
      }
    }
    return config.credentials(domain, repository);
  }

  private CredentialProgram helper(String name) {
    return new CredentialProgram(name, settings.helperTimeout());
  }

  /** Trailing line ends do not belong to a password: editors put them there. */
  private static Credentials password(String user, Path file) throws ImageException {
    try {
      String password = Files.readString(file, StandardCharsets.UTF_8).replaceAll("[\r\n]+$", "");
      return new Credentials.Password(user, password);
    } catch (IOException e) {
      throw new ImageException(
          UNAUTHORIZED, "the password of user " + user + " cannot be read: " + e, e);
    }
  }
}
