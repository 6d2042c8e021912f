package io.gantry.runtime.container;

import static io.gantry.runtime.container.ContainerException.Kind.UNFIT;

import io.gantry.runtime.criu.CriuArguments;
import io.gantry.runtime.criu.StreamNames;
import io.gantry.runtime.launch.CloneOptions;
import io.gantry.runtime.launch.LaunchPlanBuilder;
import io.gantry.runtime.launch.Launched;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.MountInfo;
import io.gantry.runtime.linux.NamespaceKind;
import io.gantry.runtime.linux.Namespaces;
import io.gantry.runtime.oci.OciNamespace;
import io.gantry.runtime.oci.OciSpec;
import io.gantry.runtime.rootfs.PreparedRootfs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Brings a container's processes back from what a {@link Checkpointer} has saved. CRIU runs in the
 * container's cgroup and in the mount namespace that was prepared, with the host's root: so it
 * finds the container's mounts ready below the place of its root filesystem. It makes the
 * container's own mount and PID namespaces itself.
 */
final class RestoredProcess {
  private final LaunchParts parts;
  private final String asked;
  private final OciSpec spec;
  private final Path bundle;
  private final PreparedRootfs prepared;
  private final Restoration from;

  RestoredProcess(
      LaunchParts parts,
      String asked,
      OciSpec spec,
      Path bundle,
      PreparedRootfs prepared,
      Restoration from) {
    this.parts = parts;
    this.asked = asked;
    this.spec = spec;
    this.bundle = bundle;
    this.prepared = prepared;
    this.from = from;
  }

  /** The process that was first. It is this process's child by its being the subreaper. */
  Launched launch(CgroupDoor door, ProcessStdio stdio) throws IOException, ContainerException {
    Checkpointer.checkNamespaces(asked, spec);
    if (!(stdio instanceof ProcessStdio.Pipes pipes)) {
      throw new ContainerException(
          UNFIT, asked + ": a terminal cannot be restored from a checkpoint");
    }
    Linux linux = parts.linux();
    Fd mounts = prepared.namespace(NamespaceKind.MOUNT).orElseThrow();
    String root = bundle.resolve(spec.root().path()).normalize().toString();
    List<Integer> kept = new ArrayList<>();
    CriuArguments words = CriuArguments.restore(from.criu(), from.images(), bundle, root);
    streams(words, kept, pipes);
    namespaces(words, kept);
    Set<Namespaces.Visit> inside = Set.of(new Namespaces.Visit(mounts, NamespaceKind.MOUNT));
    mounts(words, root, linux.namespaces().visit(inside, linux.mounts()::mountInfo));
    try (Fd nothing = linux.files().open(Fd.CWD, "/dev/null", FileFlags.O_RDWR, 0)) {
      LaunchPlanBuilder plan = CriuProgram.plan(nothing, kept);
      door.addSteps(plan);
      plan.joinNamespace(mounts.number(), NamespaceKind.MOUNT);
      if (spec.linux().namespace(OciNamespace.Type.CGROUP).isPresent()) {
        plan.newCgroupNamespace();
      }
      new CriuProgram(parts, asked, from.criu(), bundle.resolve(CriuArguments.RESTORE_LOG))
          .run(plan, words.words(), door.options(CloneOptions.plain()));
    }
    int pid = restoredPid();
    return new Launched(pid, linux.processes().openPidfd(pid));
  }

  private void streams(CriuArguments words, List<Integer> kept, ProcessStdio.Pipes pipes)
      throws IOException {
    StreamNames names = StreamNames.read(from.images());
    int[] ends = {pipes.stdin(), pipes.stdout(), pipes.stderr()};
    List<String> given = new ArrayList<>(3);
    for (int stream = 0; stream < ends.length; stream++) {
      String name = names.names().get(stream);
      if (names.isOutside(stream) && !given.contains(name)) {
        given.add(name);
        words.inherit(ends[stream], name);
        kept.add(ends[stream]);
      }
    }
  }

  private void namespaces(CriuArguments words, List<Integer> kept) {
    prepared
        .namespace(NamespaceKind.NETWORK)
        .ifPresent(
            network -> {
              words.network(network.number());
              kept.add(network.number());
            });
    String ours = "/proc/" + parts.linux().processes().pid() + "/fd/";
    prepared.namespace(NamespaceKind.IPC).ifPresent(ipc -> words.join("ipc", ours + ipc.number()));
    prepared.namespace(NamespaceKind.UTS).ifPresent(uts -> words.join("uts", ours + uts.number()));
  }

  private void mounts(CriuArguments words, String root, List<MountInfo> all) {
    for (MountInfo mount : all) {
      if (mount.target().startsWith(root + "/")) {
        words.mappedMount(mount.target().substring(root.length()), mount.target());
      }
    }
    for (String path : spec.linux().maskedPaths()) {
      if (path.startsWith("/proc/")) {
        // What hides files, see io.gantry.runtime.rootfs; /proc itself CRIU mounts.
        words.mappedMount(path, "/dev/null");
      }
    }
  }

  private int restoredPid() throws IOException {
    String file = bundle.resolve(CriuArguments.PID_FILE).toString();
    String text = parts.linux().files().readText(file).trim();
    parts.linux().files().unlinkat(Fd.CWD, file, 0);
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IOException(file + " holds no process id: " + text, e);
    }
  }
}
