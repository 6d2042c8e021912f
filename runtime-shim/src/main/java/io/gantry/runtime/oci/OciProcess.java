package io.gantry.runtime.oci;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A program to run in a container.
 *
 * @param terminal whether the program gets a terminal of its own
 * @param consoleSize first size of that terminal
 * @param args the program and its arguments; the first is searched for in PATH of {@code env}
 * @param env entries of the form NAME=value
 * @param cwd absolute path inside the container
 * @param capabilities absent means: keep what the runtime itself has
 * @param apparmorProfile absent means: inherit
 * @param oomScoreAdj -1000 to 1000; absent means: inherit
 * @param selinuxLabel absent means: inherit
 */
public record OciProcess(
    boolean terminal,
    Optional<OciConsoleSize> consoleSize,
    OciUser user,
    List<String> args,
    List<String> env,
    String cwd,
    Optional<OciCapabilities> capabilities,
    List<OciRlimit> rlimits,
    boolean noNewPrivileges,
    Optional<String> apparmorProfile,
    OptionalInt oomScoreAdj,
    Optional<String> selinuxLabel,
    Optional<OciIoPriority> ioPriority) {

  public OciProcess {
    args = List.copyOf(args);
    env = List.copyOf(env);
    rlimits = List.copyOf(rlimits);
  }

  /** The same as another user and with another environment. */
  public OciProcess with(OciUser otherUser, List<String> otherEnv) {
    return new OciProcess(
        terminal,
        consoleSize,
        otherUser,
        args,
        otherEnv,
        cwd,
        capabilities,
        rlimits,
        noNewPrivileges,
        apparmorProfile,
        oomScoreAdj,
        selinuxLabel,
        ioPriority);
  }
}
