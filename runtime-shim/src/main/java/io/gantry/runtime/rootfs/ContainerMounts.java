package io.gantry.runtime.rootfs;

import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.FileSystemStatus;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.MountFlags;
import io.gantry.runtime.linux.OpenHow;
import io.gantry.runtime.oci.OciMount;
import io.gantry.runtime.oci.OciNamespace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The mounts of a configuration, in its order. */
final class ContainerMounts {
  /**
   * Files of /proc that programs such as lxcfs replace; mounts on others would hide the kernel's.
   */
  private static final List<String> ALLOWED_IN_PROC =
      List.of(
          "/proc/cpuinfo",
          "/proc/diskstats",
          "/proc/meminfo",
          "/proc/stat",
          "/proc/swaps",
          "/proc/uptime",
          "/proc/loadavg",
          "/proc/slabinfo",
          "/proc/net/dev",
          "/proc/sys/kernel/ns_last_pid",
          "/proc/sys/crypto/fips_enabled");

  private final Linux linux;
  private final MountTrees trees;
  private final RootfsRequest request;
  private final PreparedRootfs prepared;
  private final BindSources sources;
  private final Optional<UserMapping> users;
  private final List<MountOptions> options = new ArrayList<>();
  private boolean hostDev;
  private boolean readOnlyDev;
  private RootDirectory root;

  ContainerMounts(
      Linux linux,
      MountTrees trees,
      RootfsRequest request,
      PreparedRootfs prepared,
      BindSources sources,
      Optional<UserMapping> users) {
    this.linux = linux;
    this.trees = trees;
    this.request = request;
    this.prepared = prepared;
    this.sources = sources;
    this.users = users;
  }

  static boolean isBelowProc(String path) {
    return path.startsWith("/proc/");
  }

  /** Whether /dev is a bind of some other directory, which is not gantry's to fill. */
  boolean hasHostDev() {
    return hostDev;
  }

  /** Reads all options and takes copies of bind sources; for the host's mount namespace. */
  void openSources() throws IOException {
    for (OciMount mount : request.spec().mounts()) {
      try {
        MountOptions parsed = MountOptions.parse(mount.options());
        options.add(parsed);
        if (isBind(mount, parsed)) {
          sources.open(mount, parsed, request.bundle());
        } else if (!mount.uidMappings().isEmpty() || !mount.gidMappings().isEmpty()) {
          throw new IOException("only bind mounts can have id mappings");
        }
      } catch (IOException | IllegalArgumentException e) {
        throw failure(mount, e);
      }
    }
  }

  private static boolean isBind(OciMount mount, MountOptions options) {
    return options.isBind() || mount.type().orElse("").equals("bind");
  }

  private IOException failure(OciMount mount, Exception cause) {
    String what = mount.source().orElse(mount.type().orElse("nothing"));
    return new IOException(
        "mount "
            + what
            + " at "
            + mount.destination()
            + " in container "
            + request.id()
            + ": "
            + cause.getMessage(),
        cause);
  }

  void mountAll(RootDirectory inside) throws IOException {
    root = inside;
    for (int i = 0; i < options.size(); i++) {
      OciMount mount = request.spec().mounts().get(i);
      try {
        mount(mount, options.get(i));
      } catch (IOException e) {
        throw failure(mount, e);
      }
    }
  }

  private void mount(OciMount mount, MountOptions parsed) throws IOException {
    String destination = Path.of("/").resolve(mount.destination()).normalize().toString();
    String type = mount.type().orElse("");
    if (isBelowProc(destination)) {
      mountBelowProc(mount, parsed, destination);
    } else if (isBind(mount, parsed)) {
      bind(sources.take(mount), parsed, destination);
    } else if (type.equals("proc")) {
      planProc(parsed, destination);
    } else if (destination.equals("/proc")) {
      throw new IOException("only proc may be mounted there");
    } else if (type.equals("cgroup") || type.equals("cgroup2")) {
      mountCgroup(parsed, destination);
    } else {
      create(mount, parsed, destination);
    }
  }

  private void mountBelowProc(OciMount mount, MountOptions parsed, String destination)
      throws IOException {
    if (prepared.proc() == null
        || !isBind(mount, parsed)
        || !ALLOWED_IN_PROC.contains(destination)) {
      throw new IOException("nothing may be mounted there");
    }
    // Attributes cannot be set later in the child; a detached tree takes them as well.
    Fd tree = sources.take(mount);
    prepared.proc().bind(tree, destination);
    trees.change(tree, parsed.attributes(), parsed.clearedAttributes(), false);
  }

  /** The child mounts it; here is only made sure that {@code /proc} is no link (CVE-2023-27561). */
  private void planProc(MountOptions parsed, String destination) throws IOException {
    if (!destination.equals("/proc") || prepared.proc() != null) {
      throw new IOException("proc can be mounted once, at /proc");
    }
    prepared.proc(new ProcSteps(linux.files(), directoryWithoutLinks(destination), parsed));
  }

  private Fd directoryWithoutLinks(String destination) throws IOException {
    root.makeDirectories(destination, 0755).close();
    try {
      return root.open(destination, FileFlags.O_DIRECTORY, OpenHow.RESOLVE_NO_SYMLINKS);
    } catch (LinuxException e) {
      if (e.errno() == Errno.ELOOP) {
        throw new IOException("the image has a symbolic link in the way", e);
      }
      throw e;
    }
  }

  private void bind(Fd copy, MountOptions parsed, String destination) throws IOException {
    try (Fd tree = copy) {
      if (destination.equals("/proc")
          && linux.files().fstatfs(tree).type() != FileSystemStatus.PROC) {
        throw new IOException("only proc may be mounted there");
      }
      hostDev |= destination.equals("/dev");
      boolean directory = linux.files().stat(tree).isDirectory();
      try (Fd target =
          directory ? root.makeDirectories(destination, 0755) : root.makeFile(destination)) {
        trees.attach(tree, target);
      }
      // The copy is a peer of the host's mount until here; unless asked for it does not stay one.
      if (parsed.propagation().isEmpty()) {
        trees.propagate(tree, MountFlags.MS_PRIVATE | MountFlags.MS_REC);
      }
      for (long flags : parsed.propagation()) {
        trees.propagate(tree, flags);
      }
      changeAttributes(tree, parsed);
    }
  }

  private void changeAttributes(Fd tree, MountOptions parsed) throws IOException {
    trees.change(tree, parsed.attributes(), parsed.clearedAttributes(), false);
    try {
      trees.change(tree, parsed.recursiveAttributes(), parsed.recursiveClearedAttributes(), true);
    } catch (LinuxException e) {
      if (e.errno() == Errno.ENOSYS) {
        throw new IOException("recursive mount options need kernel 5.12", e);
      }
      throw e;
    }
  }

  private void mountCgroup(MountOptions parsed, String destination) throws IOException {
    boolean v2 = request.hostViews().get(0).name().isEmpty();
    boolean whole = v2 && request.spec().linux().namespace(OciNamespace.Type.CGROUP).isEmpty();
    try (Fd target = root.makeDirectories(destination, 0755)) {
      new CgroupViews(linux, trees)
          .mount(whole ? request.hostViews() : request.ownViews(), target, parsed);
    }
  }

  private void create(OciMount mount, MountOptions parsed, String destination) throws IOException {
    String type = mount.type().orElse("");
    if (type.isEmpty()) {
      throw new IOException("neither a type nor bind is given");
    }
    long attributes = parsed.attributes();
    List<String> superblock = new ArrayList<>(parsed.superblock());
    if (parsed.isReadOnly() && !isVirtual(type)) {
      superblock.add("ro"); // A disk's journal is not replayed then.
    }
    if (destination.equals("/dev") && parsed.isReadOnly()) {
      readOnlyDev = true; // It is to be filled first.
      attributes &= ~MountFlags.MOUNT_ATTR_RDONLY;
    }
    List<String> data = data(type, parsed);
    String label = request.spec().linux().mountLabel().orElse("");
    if (!label.isEmpty() && (type.equals("tmpfs") || type.equals("devpts"))) {
      data.add("context=" + label);
    }
    boolean sysfs = type.equals("sysfs");
    try (Fd target =
            sysfs ? directoryWithoutLinks(destination) : root.makeDirectories(destination, 0755);
        Fd tree = trees.create(type, mount.source().orElse(null), attributes, superblock, data)) {
      trees.attach(tree, target);
      for (long flags : parsed.propagation()) {
        trees.propagate(tree, flags);
      }
      trees.change(tree, parsed.recursiveAttributes(), parsed.recursiveClearedAttributes(), true);
    }
  }

  /** The filesystem's options, with users and groups as the host's, whose thread mounts it. */
  private List<String> data(String type, MountOptions parsed) {
    if (users.isEmpty() || !(type.equals("tmpfs") || type.equals("devpts"))) {
      return new ArrayList<>(parsed.data());
    }
    List<String> mapped = new ArrayList<>();
    for (String option : parsed.data()) {
      if (option.startsWith("uid=")) {
        mapped.add("uid=" + Integer.toUnsignedString(users.get().hostUid(id(option))));
      } else if (option.startsWith("gid=")) {
        mapped.add("gid=" + Integer.toUnsignedString(users.get().hostGid(id(option))));
      } else {
        mapped.add(option);
      }
    }
    return mapped;
  }

  private static long id(String option) {
    try {
      return Long.parseLong(option.substring("uid=".length()));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("mount option " + option + ": not a number", e);
    }
  }

  private static boolean isVirtual(String type) {
    return List.of("tmpfs", "sysfs", "devpts", "mqueue", "ramfs", "bpf", "debugfs").contains(type);
  }

  /** Makes /dev read-only, if that was asked for, now that it is complete. */
  void protectDev() throws IOException {
    if (readOnlyDev) {
      try (Fd dev = root.open("/dev")) {
        trees.change(dev, MountFlags.MOUNT_ATTR_RDONLY, 0, false);
      }
    }
  }
}
