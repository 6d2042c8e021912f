package io.gantry.docker.cli;

import io.gantry.docker.cli.settings.Environment;
import io.gantry.docker.cli.terminal.Streams;
import io.gantry.docker.cli.terminal.Terminal;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A command line in the making, and what came of it. */
final class CommandRun {
  private final Path home;
  private final List<String> global = new ArrayList<>();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private InputStream in = InputStream.nullInputStream();
  private Terminal terminal = new FakeTerminal(false);
  private int code;

  /**
   * @param home the user's, and the directory that the command works in
   */
  CommandRun(Path home) {
    this.home = home;
  }

  CommandRun against(ScriptedEngine engine) {
    global.addAll(List.of("-H", engine.host()));
    return this;
  }

  CommandRun reading(String input) {
    in = new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  CommandRun reading(InputStream input) {
    in = input;
    return this;
  }

  CommandRun on(Terminal other) {
    terminal = other;
    return this;
  }

  CommandRun run(String... words) {
    List<String> all = new ArrayList<>(global);
    all.addAll(List.of(words));
    Streams streams =
        new Streams(
            in,
            new PrintStream(out, false, StandardCharsets.UTF_8),
            new PrintStream(err, false, StandardCharsets.UTF_8));
    Environment environment =
        new Environment(
            Map.of("HOME", home.toString(), "TZ", "UTC", "FROM_OUTSIDE", "yes"), home, home);
    code = new Gantry(environment, streams, terminal).run(all);
    streams.flush();
    return this;
  }

  int code() {
    return code;
  }

  String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return "exit code " + code + "\n--- out\n" + out() + "--- err\n" + err();
  }
}
