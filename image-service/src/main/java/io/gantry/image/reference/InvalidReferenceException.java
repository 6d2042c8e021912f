package io.gantry.image.reference;

import java.io.IOException;

/**
 * A name that does not follow its grammar. The message quotes the name (cut if it is long) and
 * gives the reason.
 */
public final class InvalidReferenceException extends IOException {

  private static final int QUOTED_LIMIT = 300;

  /**
   * @param kind what the text was meant to be, such as {@code digest}
   * @param text the text as given
   * @param reason why it is not one
   */
  public InvalidReferenceException(String kind, String text, String reason) {
    super("invalid " + kind + " \"" + shown(text) + "\": " + reason);
  }

  private static String shown(String text) {
    StringBuilder shown = new StringBuilder();
    for (int i = 0; i < text.length() && i < QUOTED_LIMIT; i++) {
      char c = text.charAt(i);
      // Control characters would let a name forge log lines.
      shown.append(c < 0x20 || c == 0x7f ? '?' : c);
    }
    return text.length() > QUOTED_LIMIT ? shown + "…" : shown.toString();
  }
}
