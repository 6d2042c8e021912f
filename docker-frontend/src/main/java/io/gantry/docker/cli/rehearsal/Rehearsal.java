package io.gantry.docker.cli.rehearsal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Carries the usual commands out against the engine of cardboard. */
public final class Rehearsal {
  private static final List<String> COMMANDS =
      List.of(
          "version",
          "ps -a",
          "ps --format {{.ID}}",
          "images",
          "inspect web",
          "inspect --format {{.State.Running}} web",
          "inspect --format {{json.Config}} web",
          "run --rm nginx true",
          "exec web true",
          "logs web",
          "pull nginx",
          "stop web",
          "rm web",
          "ps --help",
          "stop",
          "ps --no-such-flag");

  private Rehearsal() {}

  /** Carries out one command line. */
  public interface Stage {
    void play(List<String> words);
  }

  /** Plays all of it. */
  public static void on(Path socket, Stage stage) throws IOException {
    try (CardboardEngine engine = new CardboardEngine(socket)) {
      for (String command : COMMANDS) {
        List<String> words = new ArrayList<>(List.of("-H", "unix://" + engine.socket()));
        for (String word : command.split(" ")) {
          words.add(word.replace("json.", "json ."));
        }
        stage.play(words);
      }
    }
  }
}
