package io.gantry.image.dockerfile;

import java.util.List;

/**
 * One instruction's text, its lines put together.
 *
 * @param text without comments and continuations
 */
record Statement(Text text, List<Heredoc> heredocs) {
  Statement {
    heredocs = List.copyOf(heredocs);
  }
}
