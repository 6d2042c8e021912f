package io.gantry.cri.container;

import io.gantry.cri.spec.ContainerSpec;
import io.gantry.cri.spec.FurtherProcess;
import io.gantry.image.snapshot.Snapshots;
import io.gantry.runtime.oci.OciProcess;
import java.io.IOException;
import java.util.List;

/**
 * Describes further processes in a container: as the first one, but for what they run. Thread-safe.
 */
public final class ExecProcesses {
  private final Bundles bundles;
  private final ContainerSpec specs;
  private final Snapshots snapshots;

  ExecProcesses(Bundles bundles, ContainerSpec specs, Snapshots snapshots) {
    this.bundles = bundles;
    this.specs = specs;
    this.snapshots = snapshots;
  }

  /**
   * @throws io.gantry.cri.grpc.CriException if its user is not in the container's account files
   * @throws IOException if the container's specification cannot be read
   */
  public OciProcess of(Container container, FurtherProcess asked) throws IOException {
    ContainerRecord record = container.record();
    return specs.further(
        asked,
        first(container),
        record.config().getLinux().getSecurityContext(),
        Preparation.rootFiles(snapshots, record.snapshotKey()));
  }

  /**
   * @param terminal whether it has a terminal; then TERM is set if the container does not
   * @throws IOException if the container's specification cannot be read
   */
  public OciProcess of(Container container, List<String> command, boolean terminal)
      throws IOException {
    return of(container, FurtherProcess.like(command, terminal));
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
}
