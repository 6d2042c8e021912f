package io.gantry.image.dockerfile;

import java.util.ArrayList;
import java.util.List;

/** Takes an instruction's text apart at blanks that are neither quoted nor escaped. */
final class Words {
  private final SourceFile file;
  private final char escape;

  Words(SourceFile file, char escape) {
    this.file = file;
    this.escape = escape;
  }

  /**
   * @throws DockerfileException if a quote does not end
   */
  List<Word> of(Text text) throws DockerfileException {
    List<Word> words = new ArrayList<>();
    int at = blanks(text, 0);
    while (at < text.length()) {
      int end = end(text, at);
      if (end < 0) {
        throw file.error(text.place(-end - 1), "the quote that begins here does not end");
      }
      words.add(new Word(text.part(at, end).toString(), text.place(at)));
      at = blanks(text, end);
    }
    return words;
  }

  /** As {@link #of}, for text of another language: what cannot be read ends the list. */
  List<Word> tolerant(Text text) {
    List<Word> words = new ArrayList<>();
    int at = blanks(text, 0);
    while (at < text.length()) {
      int end = end(text, at);
      if (end < 0) {
        return words;
      }
      words.add(new Word(text.part(at, end).toString(), text.place(at)));
      at = blanks(text, end);
    }
    return words;
  }

  static int blanks(Text text, int from) {
    int at = from;
    while (at < text.length() && Text.isBlank(text.at(at))) {
      at++;
    }
    return at;
  }

  /** Where the word ends that begins here; the quote that does not end as -index - 1. */
  private int end(Text text, int from) {
    char quote = 0;
    int quotedAt = 0;
    int at = from;
    while (at < text.length()) {
      char c = text.at(at);
      if (c == escape && quote != '\'') {
        at++;
      } else if (quote != 0) {
        quote = c == quote ? 0 : quote;
      } else if (c == '"' || c == '\'') {
        quote = c;
        quotedAt = at;
      } else if (Text.isBlank(c)) {
        return at;
      }
      at++;
    }
    return quote == 0 ? text.length() : -quotedAt - 1;
  }
}
