package io.gantry.docker.cli.completion;

import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.CommandFailure;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.Syntax;

/**
 * Prints what a shell is to load. The shells ask the command itself, by {@code gantry __complete},
 * so that there is one place that knows the commands.
 */
public final class Scripts implements Command {
  private static final String BASH =
      """
      # gantry in bash: eval "$(gantry completion bash)"
      _gantry() {
        local IFS=$'\\n' word=${COMP_WORDS[COMP_CWORD]}
        COMPREPLY=($(gantry __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
        [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "$word"))
      }
      complete -o nosort -F _gantry gantry
      """;
  private static final String ZSH =
      """
      #compdef gantry
      # gantry in zsh: source <(gantry completion zsh)
      _gantry() {
        local -a found
        found=("${(@f)$(gantry __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
        if [[ -n "${found[1]}" ]]; then compadd -- "${found[@]}"; else _files; fi
      }
      compdef _gantry gantry
      """;
  private static final String FISH =
      """
      # gantry in fish: gantry completion fish | source
      function __gantry_complete
        set -l words (commandline -opc) (commandline -ct)
        gantry __complete $words[2..-1] 2>/dev/null
      end
      complete -c gantry -f -a '(__gantry_complete)'
      """;

  @Override
  public Syntax syntax() {
    return Syntax.of(
        "bash|zsh|fish", "Print what a shell loads to complete gantry's command lines", 1, 1, "");
  }

  @Override
  public int run(Session session, Arguments arguments) throws CommandFailure {
    session
        .out()
        .print(
            switch (arguments.word(0)) {
              case "bash" -> BASH;
              case "zsh" -> ZSH;
              case "fish" -> FISH;
              default ->
                  throw new CommandFailure(
                      "gantry completion knows bash, zsh and fish, not " + arguments.word(0));
            });
    return 0;
  }
}
