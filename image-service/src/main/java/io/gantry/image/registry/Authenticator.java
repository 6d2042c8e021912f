package io.gantry.image.registry;

import static io.gantry.image.failure.ImageException.Kind.UNAUTHORIZED;

import io.gantry.image.failure.ImageException;
import io.gantry.image.work.Cancellation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * What goes into the Authorization header for one host during one pull; shared by the pull's
 * downloads. Thread-safe.
 */
final class Authenticator {

  /** Finds this node's own credentials for the host. */
  interface Fallback {
    Credentials find(Cancellation cancellation) throws IOException;
  }

  private final RegistryHost host;
  private final Fallback fallback;
  private final String scope;
  private final TokenServer tokens;
  // All guarded by this. Fetching a token happens under the lock on purpose: others need that very
  // token.
  private Credentials credentials;
  private boolean fallbackTried;
  private Optional<String> header;

  /**
   * @param credentials what the request brought for this host, which for a mirror is nothing
   * @param fallback asked when the host demands credentials and the request brought none
   * @param scope what the pull needs, such as {@code repository:library/busybox:pull}
   */
  Authenticator(
      RegistryHost host,
      Credentials credentials,
      Fallback fallback,
      String scope,
      TokenServer tokens) {
    this.host = host;
    this.fallback = fallback;
    this.credentials = credentials;
    this.scope = scope;
    this.tokens = tokens;
    this.header = asItIs(credentials);
  }

  /** A registry token needs no token server. */
  private static Optional<String> asItIs(Credentials credentials) {
    return credentials instanceof Credentials.RegistryToken given
        ? Optional.of("Bearer " + given.token())
        : Optional.empty();
  }

  /** The header's value for the next request, as far as is known by now. */
  synchronized Optional<String> header() {
    return header;
  }

  /**
   * Reacts to a refusal.
   *
   * @param used the header of the request that was refused
   * @return whether it is worth asking again
   * @throws ImageException UNAUTHORIZED if the token server refuses
   */
  synchronized boolean answer(
      List<Challenge> offers, Optional<String> used, Cancellation cancellation) throws IOException {
    if (!used.equals(header)) {
      return true; // Another download has got a newer token meanwhile.
    }
    if (credentials instanceof Credentials.Anonymous && !fallbackTried) {
      credentials = fallback.find(cancellation);
      fallbackTried = true;
      header = asItIs(credentials);
      if (header.isPresent()) {
        return true;
      }
    }
    for (Challenge offer : offers) {
      if (offer.scheme().equals("bearer") && offer.parameter("realm").isPresent()) {
        header = Optional.of("Bearer " + tokens.fetch(offer, credentials, scope, cancellation));
        return true;
      }
    }
    boolean basicOffered = offers.stream().anyMatch(offer -> offer.scheme().equals("basic"));
    if (!basicOffered || !(credentials instanceof Credentials.Password password)) {
      return false;
    }
    Optional<String> basic = Optional.of(basic(password));
    if (basic.equals(used)) {
      throw new ImageException(
          UNAUTHORIZED, host + " refused the password of user " + password.user());
    }
    header = basic;
    return true;
  }

  static String basic(Credentials.Password password) {
    byte[] pair = (password.user() + ":" + password.password()).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(pair);
  }

  /** For messages: what was shown to the host. */
  synchronized String hint() {
    return credentials instanceof Credentials.Anonymous
        ? " (no credentials were given for it)"
        : " (credentials were given)";
  }
}
