package io.gantry.runtime.container;

import static io.gantry.runtime.container.ContainerException.Kind.UNFIT;

import io.gantry.runtime.criu.CriuArguments;
import io.gantry.runtime.criu.StreamNames;
import io.gantry.runtime.launch.CloneOptions;
import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.MountInfo;
import io.gantry.runtime.linux.cgroup.Cgroup;
import io.gantry.runtime.oci.OciNamespace;
import io.gantry.runtime.oci.OciSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Saves a running container's processes. What the pod or the machine gives to a container is left
 * out, as it will be given anew: the network, mounts, the cgroup, the ends of its streams.
 */
final class Checkpointer {
  private final LaunchParts parts;
  private final String asked;
  private final OciSpec spec;
  private final Cgroup cgroup;
  private final int pid;

  /**
   * @param pid of the container's first process, which must not be reaped meanwhile
   */
  Checkpointer(LaunchParts parts, String asked, OciSpec spec, Cgroup cgroup, int pid) {
    this.parts = parts;
    this.asked = asked;
    this.spec = spec;
    this.cgroup = cgroup;
    this.pid = pid;
  }

  /** Throws UNFIT for what CRIU or gantry cannot bring back. */
  static void checkNamespaces(String asked, OciSpec spec) throws ContainerException {
    if (spec.linux().namespace(OciNamespace.Type.USER).isPresent()) {
      throw unsupported(asked, "it has a user namespace");
    }
    Optional<OciNamespace> pids = spec.linux().namespace(OciNamespace.Type.PID);
    if (pids.isEmpty() || pids.get().path().isPresent()) {
      throw unsupported(asked, "it shares its process ids with others, who may have taken them");
    }
  }

  private static ContainerException unsupported(String asked, String why) {
    return new ContainerException(UNFIT, asked + ": not possible for this container: " + why);
  }

  void save(CheckpointRequest request) throws ContainerException, IOException {
    checkNamespaces(asked, spec);
    List<MountInfo> mounts = parts.linux().mounts().mountInfo(pid);
    StreamNames streams = streams(mounts);
    CriuArguments words = CriuArguments.dump(request.criu(), pid, request.images(), request.work());
    if (request.leaveRunning()) {
      words.leaveRunning();
    }
    freezer(words);
    for (MountInfo mount : mounts) {
      if (isOutside(mount)) {
        words.externalMount(mount.target());
      }
    }
    Set<String> files = new HashSet<>();
    for (int stream = 0; stream < 3; stream++) {
      if (streams.isFile(stream) && files.add(streams.names().get(stream))) {
        words.externalFile(streams.names().get(stream));
      }
    }
    if (spec.linux().namespace(OciNamespace.Type.NETWORK).isPresent()) {
      words.externalNetwork(inode("/ns/net"));
    }
    Linux linux = parts.linux();
    try (Fd nothing = linux.files().open(Fd.CWD, "/dev/null", FileFlags.O_RDWR, 0)) {
      new CriuProgram(parts, asked, request.criu(), request.work().resolve(CriuArguments.DUMP_LOG))
          .run(CriuProgram.plan(nothing, List.of()), words.words(), CloneOptions.plain());
    }
    streams.write(request.images());
  }

  /**
   * All mounts but the root, and what of /proc shows the processes' own ids, or hides a directory
   * of it. A file there is hidden by a device of the host's.
   */
  private static boolean isOutside(MountInfo mount) {
    String target = mount.target();
    boolean proc = target.equals("/proc") || target.startsWith("/proc/");
    boolean own = mount.type().equals("proc") || mount.type().equals("tmpfs");
    return !target.equals("/") && !(proc && own);
  }

  /** The freezer has a hierarchy of its own on v1. */
  private void freezer(CriuArguments words) {
    for (Cgroup.View view : cgroup.views()) {
      if (view.name().equals("freezer") || view.name().isEmpty()) {
        words.freezer(view.directory());
      }
    }
  }

  private StreamNames streams(List<MountInfo> mounts) throws ContainerException, IOException {
    Set<Integer> inside = new HashSet<>();
    for (MountInfo mount : mounts) {
      inside.add(mount.id());
    }
    List<String> names = new ArrayList<>(3);
    for (int stream = 0; stream < 3; stream++) {
      names.add(streamName(stream, inside));
    }
    return new StreamNames(names);
  }

  private String streamName(int stream, Set<Integer> inside)
      throws ContainerException, IOException {
    String target;
    try {
      target = parts.linux().files().readlinkat(Fd.CWD, "/proc/" + pid + "/fd/" + stream);
    } catch (LinuxException e) {
      if (e.errno() == Errno.ENOENT) {
        return ""; // It has closed it.
      }
      throw e;
    }
    if (target.startsWith("/dev/pts/") || target.equals("/dev/console")) {
      throw unsupported(asked, "it has a terminal, whose other end cannot be saved");
    }
    int mount = mountOf(stream);
    if (!target.startsWith("/") || inside.contains(mount)) {
      return target;
    }
    return "file["
        + Integer.toHexString(mount)
        + ":"
        + Long.toHexString(inode("/fd/" + stream))
        + "]";
  }

  /** The id of the mount by which a descriptor was opened (proc_pid_fdinfo(5)). */
  private int mountOf(int stream) throws IOException {
    String info = parts.linux().files().readText("/proc/" + pid + "/fdinfo/" + stream);
    int at = info.indexOf("mnt_id:");
    int end = info.indexOf('\n', at);
    if (at < 0 || end < 0) {
      throw new IOException("no mnt_id in fdinfo of descriptor " + stream);
    }
    return Integer.parseInt(info.substring(at + "mnt_id:".length(), end).trim());
  }

  private long inode(String below) throws LinuxException {
    return parts.linux().files().stat(Fd.CWD, "/proc/" + pid + below, 0).inode();
  }
}
