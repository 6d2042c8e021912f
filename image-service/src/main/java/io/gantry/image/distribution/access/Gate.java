package io.gantry.image.distribution.access;

import io.gantry.image.distribution.repository.RepositoryName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Tells who asks, and whether they may. Thread-safe. */
public final class Gate {

  private static final String BASIC = "basic ";

  /** Nothing that anybody may rely on, and so no identity at all. */
  public static final class BadCredentialsException extends Exception {
    private static final long serialVersionUID = 1;

    BadCredentialsException() {
      super("the user is not known, or the password is wrong");
    }
  }

  private final Optional<Htpasswd> users;
  private final Supplier<List<Rule>> rules;

  /**
   * @param users nothing if there are none, and everybody is anonymous
   * @param rules asked each time; without any, everybody may do everything, or every user where
   *     there are users
   */
  public Gate(Optional<Htpasswd> users, Supplier<List<Rule>> rules) {
    this.users = users;
    this.rules = rules;
  }

  /** Whether there are users at all, so that credentials make a difference. */
  public boolean knowsUsers() {
    return users.isPresent();
  }

  /**
   * Tells who asks.
   *
   * @param authorization the header's value (RFC 7617: Basic)
   * @throws BadCredentialsException if there are credentials that prove nothing
   * @throws IOException if the file of users cannot be read
   */
  public Identity identify(Optional<String> authorization)
      throws BadCredentialsException, IOException {
    if (users.isEmpty() || authorization.isEmpty()) {
      return new Identity.Anonymous();
    }
    String credentials = decode(authorization.get());
    int colon = credentials.indexOf(':');
    if (colon < 0) {
      throw new BadCredentialsException();
    }
    if (credentials.length() == 1) {
      // What clients without credentials send once they were told that credentials are a thing
      // here.
      return new Identity.Anonymous();
    }
    String name = credentials.substring(0, colon);
    if (!users.get().matches(name, credentials.substring(colon + 1))) {
      throw new BadCredentialsException();
    }
    return new Identity.User(name);
  }

  private static String decode(String authorization) throws BadCredentialsException {
    if (!authorization.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
      throw new BadCredentialsException();
    }
    try {
      byte[] bytes = Base64.getDecoder().decode(authorization.substring(BASIC.length()).trim());
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (IllegalArgumentException | CharacterCodingException e) {
      throw new BadCredentialsException();
    }
  }

  public boolean allows(Identity identity, Right right, RepositoryName repository) {
    List<Rule> now = rules.get();
    if (now.isEmpty()) {
      return users.isEmpty() || identity instanceof Identity.User;
    }
    return now.stream().anyMatch(rule -> rule.gives(identity, right, repository));
  }
}
