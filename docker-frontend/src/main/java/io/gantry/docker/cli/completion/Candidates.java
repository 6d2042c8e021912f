package io.gantry.docker.cli.completion;

import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.Flag;
import io.gantry.docker.cli.option.Syntax;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Prints what the last word of a command line may become, a line each: commands, flags, and the
 * names of what there is. An engine that does not answer has no names.
 */
public final class Candidates implements Command {
  /** Which commands there are. */
  public interface Commands {
    /** Those that follow these words; empty if the words are a command themselves. */
    List<String> after(List<String> words);

    /** What the words' command takes, and how many of them are its name. */
    Optional<Syntax> syntax(List<String> words);
  }

  private final Commands commands;

  public Candidates(Commands commands) {
    this.commands = commands;
  }

  @Override
  public Syntax syntax() {
    return Syntax.of("WORD...", "Print what the last word may become", 0, Syntax.ANY, "")
        .withCommand();
  }

  @Override
  public int run(Session session, Arguments arguments) {
    List<String> words = new ArrayList<>(arguments.words());
    String last = words.isEmpty() ? "" : words.remove(words.size() - 1);
    TreeSet<String> all = new TreeSet<>(commands.after(words));
    Optional<Syntax> syntax = commands.syntax(words);
    if (syntax.isPresent()) {
      if (last.startsWith("-")) {
        for (Flag flag : syntax.get().flags()) {
          if (!flag.hidden()) {
            all.add("--" + flag.name());
          }
        }
        all.add("--help");
      } else {
        try {
          all.addAll(names(session, syntax.get().usage()));
        } catch (IOException e) {
          // nobody wants to read of it in the middle of a line
        }
      }
    }
    for (String each : all) {
      if (each.startsWith(last)) {
        session.out().println(each);
      }
    }
    return 0;
  }

  /** What a command's usage calls its words tells what they may be. */
  private static List<String> names(Session session, String usage) throws IOException {
    List<String> names = new ArrayList<>();
    if (usage.contains("CONTAINER")) {
      Query query = Query.of("containers", "json").with("all", true);
      for (Json each : session.api().get(query).items()) {
        each.get("Names").texts().forEach(name -> names.add(name.replaceFirst("^/", "")));
      }
    } else if (usage.contains("IMAGE")) {
      for (Json each : session.api().get(Query.of("images", "json")).items()) {
        names.addAll(each.get("RepoTags").texts());
      }
    } else if (usage.contains("VOLUME")) {
      for (Json each : session.api().get(Query.of("volumes")).get("Volumes").items()) {
        names.add(each.get("Name").text());
      }
    }
    if (usage.contains("NETWORK")) {
      for (Json each : session.api().get(Query.of("networks")).items()) {
        names.add(each.get("Name").text());
      }
    }
    return names;
  }
}
