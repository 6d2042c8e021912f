package io.gantry.image.registry;

import java.util.Objects;

/** What a client offers a registry to prove who it is. Secrets never appear in {@code toString}. */
public sealed interface Credentials {

  /** No credentials. */
  record Anonymous() implements Credentials {}

  /** A user's name and password, for Basic authentication and for token servers. */
  record Password(String user, String password) implements Credentials {
    public Password {
      Objects.requireNonNull(user);
      Objects.requireNonNull(password);
    }

    @Override
    public String toString() {
      return "Password[user=" + user + "]";
    }
  }

  /** An identity token: a refresh token for the registry's OAuth token server. */
  record IdentityToken(String token) implements Credentials {
    public IdentityToken {
      Objects.requireNonNull(token);
    }

    @Override
    public String toString() {
      return "IdentityToken[]";
    }
  }

  /** A bearer token that the registry itself accepts as it is. */
  record RegistryToken(String token) implements Credentials {
    public RegistryToken {
      Objects.requireNonNull(token);
    }

    @Override
    public String toString() {
      return "RegistryToken[]";
    }
  }
}
