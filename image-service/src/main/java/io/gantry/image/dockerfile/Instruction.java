package io.gantry.image.dockerfile;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/** What one instruction says; variables in its words are still to be replaced. */
public sealed interface Instruction {

  /** Where and how it is written. */
  Origin origin();

  /** Its keyword. */
  default String keyword() {
    return getClass().getSimpleName().toUpperCase(Locale.ROOT);
  }

  /**
   * Where an instruction comes from.
   *
   * @param escape the character that escapes in this file
   * @param text on one line
   */
  record Origin(SourceFile file, char escape, Place place, String text) {
    public Origin {
      Objects.requireNonNull(file);
      Objects.requireNonNull(place);
      Objects.requireNonNull(text);
    }

    public DockerfileException error(String words) {
      return file.error(place, words);
    }

    public DockerfileException error(String words, Throwable cause) {
      return file.error(place, words, cause);
    }
  }

  /** A name and its value, of ENV and LABEL. */
  record Pair(Word name, Word value) {}

  /** An argument and the value it has if nobody gives it one. */
  record Argument(String name, Optional<Word> value, Place place) {}

  record From(Origin origin, Optional<Word> platform, Word image, Optional<String> name)
      implements Instruction {}

  record Arg(Origin origin, List<Argument> arguments) implements Instruction {
    public Arg {
      arguments = List.copyOf(arguments);
    }
  }

  record Env(Origin origin, List<Pair> pairs) implements Instruction {
    public Env {
      pairs = List.copyOf(pairs);
    }
  }

  record Label(Origin origin, List<Pair> pairs) implements Instruction {
    public Label {
      pairs = List.copyOf(pairs);
    }
  }

  /**
   * @param heredocs what the line's here-documents hold
   * @param network default, none or host
   */
  record Run(
      Origin origin,
      Command command,
      List<Heredoc> heredocs,
      List<RunMount> mounts,
      Optional<String> network)
      implements Instruction {
    public Run {
      heredocs = List.copyOf(heredocs);
      mounts = List.copyOf(mounts);
    }
  }

  record Cmd(Origin origin, Command command) implements Instruction {}

  record Entrypoint(Origin origin, Command command) implements Instruction {}

  /**
   * COPY and ADD.
   *
   * @param adds whether it is ADD
   * @param heredocs those of its sources that stand in the Dockerfile, by their names {@code
   *     <<NAME}
   */
  record Copy(
      Origin origin,
      boolean adds,
      List<Word> sources,
      Word destination,
      List<Heredoc> heredocs,
      Optional<Word> from,
      Optional<Word> owner,
      Optional<Word> mode,
      Optional<Word> checksum,
      List<Word> excludes,
      boolean parents,
      boolean link,
      Optional<Boolean> unpack)
      implements Instruction {
    public Copy {
      sources = List.copyOf(sources);
      heredocs = List.copyOf(heredocs);
      excludes = List.copyOf(excludes);
    }

    @Override
    public String keyword() {
      return adds ? "ADD" : "COPY";
    }
  }

  record Workdir(Origin origin, Word path) implements Instruction {}

  record User(Origin origin, Word user) implements Instruction {}

  record Expose(Origin origin, List<Word> ports) implements Instruction {
    public Expose {
      ports = List.copyOf(ports);
    }
  }

  record Volume(Origin origin, List<Word> paths) implements Instruction {
    public Volume {
      paths = List.copyOf(paths);
    }
  }

  record StopSignal(Origin origin, Word signal) implements Instruction {}

  record Shell(Origin origin, List<String> arguments) implements Instruction {
    public Shell {
      arguments = List.copyOf(arguments);
    }
  }

  /**
   * @param command absent: none, whatever the base image has
   * @param intervalNanos 0 where nothing is said, as in all others
   */
  record HealthCheck(
      Origin origin,
      Optional<Command> command,
      long intervalNanos,
      long timeoutNanos,
      long startPeriodNanos,
      long startIntervalNanos,
      int retries)
      implements Instruction {}

  /**
   * @param trigger the instruction to be carried out in images based on this one, as text
   */
  record OnBuild(Origin origin, String trigger) implements Instruction {}

  record Maintainer(Origin origin, String name) implements Instruction {}
}
