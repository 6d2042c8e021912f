package io.gantry.docker.cli.command;

import io.gantry.docker.cli.api.Api;
import io.gantry.docker.cli.settings.Environment;
import io.gantry.docker.cli.settings.Settings;
import io.gantry.docker.cli.terminal.Streams;
import io.gantry.docker.cli.terminal.Terminal;
import java.io.PrintStream;

/** What a command works with. */
public record Session(
    Api api, Streams streams, Terminal terminal, Settings settings, Environment environment) {
  public PrintStream out() {
    return streams.out();
  }

  public PrintStream err() {
    return streams.err();
  }

  /** Asks a question that is answered with y, and shows what an answer of another kind means. */
  public boolean confirm(String question) throws java.io.IOException {
    out().print(question + " [y/N] ");
    out().flush();
    StringBuilder answer = new StringBuilder();
    for (int c = streams.in().read(); c >= 0 && c != '\n'; c = streams.in().read()) {
      answer.append((char) c);
    }
    String word = answer.toString().strip();
    return word.equalsIgnoreCase("y") || word.equalsIgnoreCase("yes");
  }
}
