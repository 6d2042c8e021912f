package io.gantry.cri.container;

import io.gantry.runtime.oci.OciProcess;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Describes further processes in a container: as the first one, but for what they run. Thread-safe.
 */
final class ExecProcesses {
  private final Bundles bundles;

  ExecProcesses(Bundles bundles) {
    this.bundles = bundles;
  }

  OciProcess of(String containerId, List<String> command, boolean terminal) throws IOException {
    OciProcess first =
        bundles
            .spec(containerId)
            .flatMap(spec -> spec.process())
            .orElseThrow(
                () -> new IOException("container " + containerId + " has lost its bundle"));
    return new OciProcess(
        terminal,
        Optional.empty(),
        first.user(),
        command,
        environment(first.env(), terminal),
        first.cwd(),
        first.capabilities(),
        first.rlimits(),
        first.noNewPrivileges(),
        first.apparmorProfile(),
        first.oomScoreAdj(),
        first.selinuxLabel(),
        first.ioPriority());
  }

  private static List<String> environment(List<String> first, boolean terminal) {
    if (!terminal || first.stream().anyMatch(entry -> entry.startsWith("TERM="))) {
      return first;
    }
    List<String> environment = new ArrayList<>(first);
    environment.add("TERM=xterm");
    return environment;
  }
}
