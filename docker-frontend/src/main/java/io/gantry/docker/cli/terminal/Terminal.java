package io.gantry.docker.cli.terminal;

import java.io.IOException;

/** The user's terminal, if there is one. */
public interface Terminal {
  /** Whether standard input is one. */
  boolean reads();

  /** Whether standard output is one. */
  boolean writes();

  /** Whether standard error is one. */
  boolean writesErrors();

  /** Rows and columns; 0 by 0 if nobody knows. */
  Size size();

  /** Passes on each key as it is typed, until {@link #restore}. */
  void makeRaw() throws IOException;

  /** What is typed is not shown, until {@link #restore}. */
  void hideTyping() throws IOException;

  /** Back to how it was found. Can be repeated. */
  void restore();

  /** Calls back when the terminal's size has changed. */
  void onResize(Runnable listener);

  /** A terminal's size. */
  record Size(int rows, int columns) {
    public static final Size UNKNOWN = new Size(0, 0);

    public boolean isKnown() {
      return rows > 0 && columns > 0;
    }
  }
}
