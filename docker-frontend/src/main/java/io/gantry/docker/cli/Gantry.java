package io.gantry.docker.cli;

import io.gantry.docker.cli.api.ApiFailure;
import io.gantry.docker.cli.command.Advice;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.CommandFailure;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.http.ConnectFailure;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.BadUsage;
import io.gantry.docker.cli.option.Syntax;
import io.gantry.docker.cli.rehearsal.ClassArchive;
import io.gantry.docker.cli.rehearsal.Rehearsal;
import io.gantry.docker.cli.settings.Environment;
import io.gantry.docker.cli.template.TemplateFailure;
import io.gantry.docker.cli.terminal.Streams;
import io.gantry.docker.cli.terminal.SttyTerminal;
import io.gantry.docker.cli.terminal.Terminal;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The command line of gantry: docker's commands by their names, flags and exit codes. One object
 * lives as long as one command.
 */
public final class Gantry {
  /** What docker exits with when the fault is its own or the engine's, not the container's. */
  static final int OWN_FAULT = 125;

  private static final int FAILED = 1;

  private final Environment environment;
  private final Streams streams;
  private final Terminal terminal;

  Gantry(Environment environment, Streams streams, Terminal terminal) {
    this.environment = environment;
    this.streams = streams;
    this.terminal = terminal;
  }

  /** Exits as docker does: with 0, 1, 125, 126, 127, or as the container did. */
  public static void main(String[] arguments) {
    Streams streams = Streams.ofThisProcess();
    Terminal terminal = new SttyTerminal(System.getProperty("gantry.terminal", "000"));
    Environment environment =
        new Environment(
            System.getenv(), Path.of("").toAbsolutePath(), Installation.ofThisProgram().home());
    int code;
    try {
      String rehearsal = System.getProperty(ClassArchive.REHEARSE);
      if (rehearsal != null) {
        rehearse(Path.of(rehearsal), environment, terminal);
      }
      code =
          rehearsal != null
              ? 0
              : new Gantry(environment, streams, terminal).run(List.of(arguments));
    } finally {
      terminal.restore();
      streams.flush();
    }
    // Not exit: threads that still read the keyboard would be waited for by hooks of the JDK's.
    Runtime.getRuntime().halt(code);
  }

  /** Nobody looks at what is printed. */
  private static void rehearse(Path socket, Environment environment, Terminal terminal) {
    try {
      Rehearsal.on(
          socket, words -> new Gantry(environment, Streams.ofThisProcess(), terminal).run(words));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException("rehearse", e);
    }
  }

  /** Carries a command line out, and returns what the process exits with. */
  int run(List<String> words) {
    Arguments global;
    Syntax syntax = GlobalOptions.SYNTAX;
    try {
      global = Arguments.parse(syntax, words);
    } catch (BadUsage e) {
      return badUsage("gantry", syntax, e);
    }
    if (global.on("version")) {
      streams.out().println("gantry version " + Installation.version());
      return 0;
    }
    Help help = new Help(streams.out());
    if (global.on("help") || global.words().isEmpty()) {
      help.overview();
      return 0;
    }
    Optional<Catalog.Choice> choice = Catalog.find(global.words());
    if (choice.isEmpty()) {
      return notFound(global.words());
    }
    if (choice.get().isGroup()) {
      help.group(choice.get().name());
      return 0;
    }
    return run(choice.get(), global);
  }

  private int notFound(List<String> words) {
    PrintStream err = streams.err();
    if (words.get(0).equals("help")) {
      return run(asHelp(words.subList(1, words.size())));
    }
    String name = words.get(0);
    if (Catalog.GROUPS.containsKey(name) && words.size() > 1) {
      err.println("gantry: unknown command: gantry " + name + " " + words.get(1));
      err.println();
      err.println("Usage:  gantry " + name + " COMMAND");
      err.println();
      err.println("Run 'gantry " + name + " --help' for more information");
      return FAILED;
    }
    Optional<String> why = Catalog.whyNot(name);
    if (why.isPresent()) {
      err.println("gantry: there is no " + name + ": " + why.get());
      return FAILED;
    }
    err.println("gantry: unknown command: gantry " + name);
    err.println();
    err.println("Run 'gantry --help' for more information");
    return FAILED;
  }

  private static List<String> asHelp(List<String> words) {
    List<String> asked = new java.util.ArrayList<>(words);
    asked.add("--help");
    return asked;
  }

  private int run(Catalog.Choice choice, Arguments global) {
    Command command = choice.command();
    Syntax syntax = command.syntax();
    String name = "gantry " + choice.name();
    boolean starts = choice.name().endsWith("run") || choice.name().endsWith("create");
    PrintStream err = streams.err();
    try {
      Arguments arguments = Arguments.parse(syntax, choice.words());
      if (arguments.on("help")) {
        new Help(streams.out()).command(choice.name(), syntax);
        return 0;
      }
      Session session = new GlobalOptions(environment, global).session(streams, terminal);
      return command.run(session, arguments);
    } catch (BadUsage e) {
      return badUsage(name, syntax, e);
    } catch (ConnectFailure e) {
      streams.out().flush();
      err.println("Cannot connect to the engine at " + e.getMessage());
      err.println(
          "Next: is gantryd running? Start it with  gantryd  (or  systemctl start gantryd),"
              + " or name another engine with -H or DOCKER_HOST");
      return choice.name().endsWith("run") ? OWN_FAULT : FAILED;
    } catch (ApiFailure e) {
      streams.out().flush();
      Advice.tell(err, e);
      return starts && choice.name().endsWith("run") ? OWN_FAULT : FAILED;
    } catch (CommandFailure e) {
      streams.out().flush();
      err.println(e.getMessage());
      return e.exitCode();
    } catch (TemplateFailure e) {
      streams.out().flush();
      err.println(e.getMessage());
      return FAILED;
    } catch (IOException e) {
      streams.out().flush();
      err.println(name + ": " + (e.getMessage() == null ? e.toString() : e.getMessage()));
      return FAILED;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return FAILED;
    } finally {
      streams.flush();
    }
  }

  private int badUsage(String name, Syntax syntax, BadUsage e) {
    PrintStream err = streams.err();
    if (e.exitCode() == OWN_FAULT) {
      err.println(e.getMessage());
    } else {
      err.println(name + ": '" + name + "' " + e.getMessage());
    }
    err.println();
    err.println("Usage:  " + name + " " + syntax.usage());
    err.println();
    err.println("Run '" + name + " --help' for more information");
    err.flush();
    return e.exitCode();
  }
}
