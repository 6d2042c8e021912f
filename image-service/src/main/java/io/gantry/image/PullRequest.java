package io.gantry.image;

import io.gantry.image.manifest.Platform;
import io.gantry.image.registry.Credentials;
import java.util.Objects;
import java.util.Optional;

/**
 * A wish to have an image here. Equal requests in flight are served by one pull.
 *
 * @param reference the image as the client wrote it, such as {@code busybox} or {@code
 *     host:5000/a/b@sha256:…}
 * @param credentials for the registry the reference names, never for another
 * @param platform nothing for this machine's
 */
public record PullRequest(String reference, Credentials credentials, Optional<Platform> platform) {

  public PullRequest {
    Objects.requireNonNull(platform);
    Objects.requireNonNull(reference);
    Objects.requireNonNull(credentials);
  }

  /** A pull of the image for this machine. */
  public PullRequest(String reference, Credentials credentials) {
    this(reference, credentials, Optional.empty());
  }

  /** A pull without credentials. */
  public static PullRequest anonymous(String reference) {
    return new PullRequest(reference, new Credentials.Anonymous());
  }
}
