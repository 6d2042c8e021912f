package io.gantry.image.distribution.access;

import io.gantry.image.distribution.repository.RepositoryName;
import java.util.EnumSet;
import java.util.Set;

/**
 * Gives somebody rights: {@code WHO RIGHTS PATTERN}, as in {@code ci pull,push builds/**}. WHO is a
 * user's name, {@code @} for every user, or {@code *} for everybody, with or without credentials.
 */
public record Rule(String who, Set<Right> rights, RepositoryPattern repositories) {

  private static final String EVERYBODY = "*";
  private static final String EVERY_USER = "@";

  public Rule {
    rights = Set.copyOf(rights);
  }

  /**
   * @throws IllegalArgumentException saying what is wrong
   */
  public static Rule parse(String text) {
    String[] words = text.trim().split("\\s+");
    if (words.length != 3) {
      throw new IllegalArgumentException(
          "\""
              + text
              + "\" is not of the form WHO RIGHTS PATTERN, as in \"ci pull,push builds/**\"");
    }
    Set<Right> rights = EnumSet.noneOf(Right.class);
    for (String word : words[1].split(",", -1)) {
      rights.add(
          Right.of(word)
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "\""
                              + text
                              + "\": rights are pull, push and delete, not \""
                              + word
                              + "\"")));
    }
    return new Rule(words[0], rights, new RepositoryPattern(words[2]));
  }

  boolean gives(Identity identity, Right right, RepositoryName repository) {
    return appliesTo(identity) && rights.contains(right) && repositories.matches(repository);
  }

  private boolean appliesTo(Identity identity) {
    if (who.equals(EVERYBODY)) {
      return true;
    }
    return identity instanceof Identity.User user
        && (who.equals(EVERY_USER) || who.equals(user.name()));
  }

  @Override
  public String toString() {
    return who
        + " "
        + rights.stream().sorted().map(Right::toString).reduce((a, b) -> a + "," + b).orElse("")
        + " "
        + repositories.text();
  }
}
