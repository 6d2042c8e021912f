package io.gantry.image.build;

import io.gantry.image.dockerfile.DockerfileException;
import io.gantry.image.dockerfile.Expansion;
import io.gantry.image.dockerfile.Instruction;
import io.gantry.image.dockerfile.Instruction.Argument;
import io.gantry.image.dockerfile.Variables;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The variables that a stage's instructions see: its environment, then its arguments. */
final class StageScope {
  private final BuildVariables build;
  private final Map<String, String> arguments = new LinkedHashMap<>();

  StageScope(BuildVariables build) {
    this.build = build;
  }

  /** Variables as they are after some step. */
  Variables in(Draft draft) {
    Map<String, String> environment = draft.environment();
    return name ->
        Optional.ofNullable(environment.get(name))
            .or(() -> Optional.ofNullable(arguments.get(name)));
  }

  /**
   * Declares arguments: each has the value that was given, its own, or that of the argument of this
   * name from before the first stage.
   */
  void declare(Instruction.Arg instruction, Draft draft) throws DockerfileException {
    for (Argument argument : instruction.arguments()) {
      Optional<String> value = build.given(argument.name());
      if (value.isEmpty() && argument.value().isPresent()) {
        value =
            Optional.of(new Expansion(instruction.origin(), in(draft)).of(argument.value().get()));
      }
      if (value.isEmpty()) {
        value = build.get(argument.name());
      }
      value.ifPresent(known -> arguments.put(argument.name(), known));
    }
  }

  /** The arguments that a program gets as variables: those that the image does not set itself. */
  Map<String, String> forPrograms(Draft draft) {
    Map<String, String> visible = new LinkedHashMap<>(arguments);
    visible.keySet().removeAll(draft.environment().keySet());
    return visible;
  }
}
