package io.gantry.image.distribution.repository;

import io.gantry.image.reference.InvalidReferenceException;
import java.util.regex.Pattern;

/** A tag; always well-formed, so it is safe as a file's name and does not begin with a dot. */
public record Tag(String text) implements Comparable<Tag> {

  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");

  public Tag {
    if (!isTag(text)) {
      throw new IllegalArgumentException("not a tag");
    }
  }

  static boolean isTag(String text) {
    return TAG.matcher(text).matches();
  }

  /**
   * @throws InvalidReferenceException if it does not follow the grammar
   */
  public static Tag parse(String text) throws InvalidReferenceException {
    if (!isTag(text)) {
      throw new InvalidReferenceException(
          "tag",
          text.length() > 140 ? text.substring(0, 140) + "…" : text,
          "it must be 1 to 128 letters, digits, '_', '.' or '-', and not begin with '.' or '-'");
    }
    return new Tag(text);
  }

  /** The order of the bytes, which is what the specification's "lexical" comes to for ASCII. */
  @Override
  public int compareTo(Tag other) {
    return text.compareTo(other.text);
  }

  @Override
  public String toString() {
    return text;
  }
}
