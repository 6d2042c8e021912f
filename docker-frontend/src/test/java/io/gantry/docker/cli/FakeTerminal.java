package io.gantry.docker.cli;

import io.gantry.docker.cli.terminal.Terminal;
import java.util.ArrayList;
import java.util.List;

/** A terminal of 24 rows and 80 columns that notes what was asked of it. */
final class FakeTerminal implements Terminal {
  final List<String> acts = new ArrayList<>();
  private final boolean there;

  /**
   * @param there false if none of the streams is a terminal
   */
  FakeTerminal(boolean there) {
    this.there = there;
  }

  @Override
  public boolean reads() {
    return there;
  }

  @Override
  public boolean writes() {
    return there;
  }

  @Override
  public boolean writesErrors() {
    return there;
  }

  @Override
  public Size size() {
    return there ? new Size(24, 80) : Size.UNKNOWN;
  }

  @Override
  public void makeRaw() {
    acts.add("raw");
  }

  @Override
  public void hideTyping() {
    acts.add("hidden");
  }

  @Override
  public void restore() {
    acts.add("restored");
  }

  @Override
  public void onResize(Runnable listener) {
    acts.add("watched");
  }
}
