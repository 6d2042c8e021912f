package io.gantry.cri.container;

import io.gantry.runtime.oci.OciProcess;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Describes further processes in a container: as the first one, but for what they run. Thread-safe.
 */
public final class ExecProcesses {
  private final Bundles bundles;

  ExecProcesses(Bundles bundles) {
    this.bundles = bundles;
  }

  /**
   * @param terminal whether it has a terminal; then TERM is set if the container does not
   * @throws IOException if the container's specification cannot be read
   */
  public OciProcess of(Container container, List<String> command, boolean terminal)
      throws IOException {
    OciProcess first = first(container);
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

  /** Read once: probes run many commands, and a specification with a system call filter is long. */
  private OciProcess first(Container container) throws IOException {
    OciProcess known = container.firstProcess();
    if (known != null) {
      return known;
    }
    OciProcess read =
        bundles
            .spec(container.id())
            .flatMap(spec -> spec.process())
            .orElseThrow(
                () -> new IOException("container " + container.id() + " has lost its bundle"));
    container.remember(read);
    return read;
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
