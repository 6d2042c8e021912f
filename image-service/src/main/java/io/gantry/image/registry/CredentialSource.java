package io.gantry.image.registry;

import io.gantry.image.failure.ImageException;
import io.gantry.image.work.Cancellation;

/**
 * Knows the credentials for hosts that a request for an image brings none for. Thread-safe. It is
 * asked only once a host has demanded credentials, since the answer may take a while.
 */
public interface CredentialSource {

  /** Knows none. */
  CredentialSource NONE =
      (registry, repository, login, cancellation) -> new Credentials.Anonymous();

  /**
   * @param registry the registry as references name it, or a mirror's host and port
   * @param login what the configuration says about this host
   * @return anonymous if there are none
   * @throws ImageException UNAUTHORIZED if it cannot be found out; without secrets in the message
   */
  Credentials find(String registry, String repository, Login login, Cancellation cancellation)
      throws ImageException;
}
