package io.gantry.image.dockerfile;

import io.gantry.image.dockerfile.Instruction.Arg;
import io.gantry.image.dockerfile.Instruction.From;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A Dockerfile, read.
 *
 * @param globals the arguments declared before the first stage
 */
public record Dockerfile(
    SourceFile file, Map<String, String> directives, List<Arg> globals, List<Stage> stages) {

  private static final int BYTES_LIMIT = 4 << 20;

  /** One FROM with what follows it. */
  public record Stage(int index, From from, List<Instruction> instructions) {
    public Stage {
      instructions = List.copyOf(instructions);
    }

    /** Its name for people: the one it was given, or its number. */
    public String shown() {
      return from.name().orElse(Integer.toString(index));
    }
  }

  public Dockerfile {
    directives = Map.copyOf(directives);
    globals = List.copyOf(globals);
    stages = List.copyOf(stages);
  }

  /**
   * Reads a Dockerfile.
   *
   * @param name for messages
   * @throws DockerfileException if it is faulty; the message shows where
   */
  public static Dockerfile parse(String name, byte[] content) throws DockerfileException {
    if (content.length > BYTES_LIMIT) {
      throw new DockerfileException(
          name + " is longer than " + BYTES_LIMIT + " bytes", new Place(1, 1), null);
    }
    SourceFile file = SourceFile.of(name, new String(content, StandardCharsets.UTF_8));
    Directives directives = Directives.read(file);
    InstructionParser parser = new InstructionParser(file, directives.escape());
    List<Arg> globals = new ArrayList<>();
    List<Stage> stages = new ArrayList<>();
    List<Instruction> current = new ArrayList<>();
    Optional<From> from = Optional.empty();
    for (Statement statement : new Statements(file, directives).all()) {
      Instruction instruction = parser.parse(statement);
      if (instruction instanceof From next) {
        if (from.isPresent()) {
          stages.add(new Stage(stages.size(), from.get(), current));
        }
        checkName(stages, from, next);
        from = Optional.of(next);
        current = new ArrayList<>();
      } else if (from.isPresent()) {
        current.add(instruction);
      } else if (instruction instanceof Arg arg) {
        globals.add(arg);
      } else {
        throw instruction
            .origin()
            .error("no image to build on yet: the first instruction is FROM, or ARG before it");
      }
    }
    if (from.isEmpty()) {
      throw file.error(new Place(1, 1), "there is no FROM in it: nothing to build");
    }
    stages.add(new Stage(stages.size(), from.get(), current));
    return new Dockerfile(file, directives.byName(), globals, stages);
  }

  private static void checkName(List<Stage> earlier, Optional<From> last, From next)
      throws DockerfileException {
    if (next.name().isEmpty()) {
      return;
    }
    boolean taken =
        earlier.stream().anyMatch(stage -> stage.from().name().equals(next.name()))
            || last.isPresent() && last.get().name().equals(next.name());
    if (taken) {
      throw next.origin().error("there is a stage " + next.name().get() + " already");
    }
  }

  /**
   * Reads what an image's ONBUILD says.
   *
   * @param image for messages
   */
  public static Instruction parseTrigger(String image, String trigger) throws DockerfileException {
    SourceFile file = SourceFile.of("ONBUILD of " + image, trigger);
    Directives none = new Directives(Map.of(), 0);
    List<Statement> statements = new Statements(file, none).all();
    if (statements.size() != 1) {
      throw file.error(new Place(1, 1), "it is not one instruction");
    }
    InstructionParser parser = new InstructionParser(file, none.escape());
    parser.checkTrigger(statements.get(0));
    return parser.parse(statements.get(0));
  }

  /** The stage of that name or number, names in any case; the last one for an empty name. */
  public Optional<Stage> stage(String nameOrNumber) {
    if (nameOrNumber.isEmpty()) {
      return Optional.of(stages.get(stages.size() - 1));
    }
    return before(nameOrNumber, stages.size());
  }

  /** As {@link #stage}, among those before the stage of that number. */
  public Optional<Stage> before(String nameOrNumber, int number) {
    List<Stage> candidates = stages.subList(0, number);
    return candidates.stream()
        .filter(stage -> stage.from().name().filter(nameOrNumber::equalsIgnoreCase).isPresent())
        .findFirst()
        .or(
            () ->
                candidates.stream()
                    .filter(stage -> Integer.toString(stage.index()).equals(nameOrNumber))
                    .findFirst());
  }
}
