package io.gantry.runtime.rootfs;

import io.gantry.runtime.launch.Launcher;
import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.MountFlags;
import io.gantry.runtime.linux.NamespaceKind;
import io.gantry.runtime.oci.OciLinux;
import io.gantry.runtime.oci.OciNamespace;
import io.gantry.runtime.oci.OciSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;

/**
 * Makes a container's namespaces and mounts, on a thread made for it: namespaces are per thread in
 * Linux, and this one's end with it but for the descriptors that {@link PreparedRootfs} holds.
 */
public final class RootfsSetup implements Callable<PreparedRootfs> {
  private static final int CLONE_FS = 0x200;

  private final Linux linux;
  private final RootfsRequest request;
  private final OciSpec spec;
  private final MountTrees trees;
  private final Launcher launcher;
  private final PreparedRootfs prepared = new PreparedRootfs();

  private RootfsSetup(Linux linux, Launcher launcher, RootfsRequest request) {
    this.linux = linux;
    this.launcher = launcher;
    this.request = request;
    this.spec = request.spec();
    this.trees = new MountTrees(linux);
  }

  /**
   * Prepares everything.
   *
   * @param launcher needed where user namespaces are to be made
   * @throws IOException names the mount or step; nothing stays behind
   */
  public static PreparedRootfs prepare(Linux linux, Launcher launcher, RootfsRequest request)
      throws IOException {
    Sysctls.check(request.spec().linux());
    return linux.namespaces().visit(Set.of(), new RootfsSetup(linux, launcher, request));
  }

  @Override
  public PreparedRootfs call() throws IOException {
    boolean done = false;
    try (IdMaps maps = IdMaps.open(linux, launcher, spec.linux());
        BindSources sources = new BindSources(linux, trees, maps)) {
      ContainerMounts mounts =
          new ContainerMounts(linux, trees, request, prepared, sources, maps.mapping());
      mounts.openSources();
      enterNamespaces(maps);
      mountRoot(maps);
      if (maps.mapping().isPresent()) {
        becomeRootOf(maps.mapping().get());
        prepared.userNamespace(maps.takeOwn());
      }
      mountAll(mounts, maps.mapping());
      done = true;
      return prepared;
    } finally {
      if (!done) {
        prepared.close();
      }
    }
  }

  /**
   * What is made from here on belongs to the container's root, who else could not change it. All
   * privileges stay: only what the process itself does is up to the user namespace.
   */
  private void becomeRootOf(UserMapping users) throws IOException {
    linux.processes().actAs(users.hostUid(0), users.hostGid(0));
    // A change of ids makes a process traceable again where fs.suid_dumpable says so.
    linux.processes().makeNonDumpable();
  }

  private void enterNamespaces(IdMaps maps) throws IOException {
    OciLinux wanted = spec.linux();
    enter(maps, wanted, OciNamespace.Type.NETWORK, NamespaceKind.NETWORK);
    enter(maps, wanted, OciNamespace.Type.IPC, NamespaceKind.IPC);
    enter(maps, wanted, OciNamespace.Type.UTS, NamespaceKind.UTS);
    if (spec.hostname().isPresent()) {
      linux.namespaces().setHostname(spec.hostname().get());
    }
    if (spec.domainname().isPresent()) {
      linux.namespaces().setDomainname(spec.domainname().get());
    }
    Sysctls.write(linux, wanted.sysctl());
    linux.namespaces().unshare(CLONE_FS | NamespaceKind.MOUNT.cloneFlag());
    // Nothing made here may appear on the host.
    linux.mounts().mount(null, "/", null, MountFlags.MS_REC | MountFlags.MS_SLAVE, null);
    prepared.hold(linux.namespaces().current(NamespaceKind.MOUNT), NamespaceKind.MOUNT);
  }

  private void enter(IdMaps maps, OciLinux wanted, OciNamespace.Type type, NamespaceKind kind)
      throws IOException {
    Optional<OciNamespace> namespace = wanted.namespace(type);
    if (namespace.isEmpty()) {
      return;
    }
    if (namespace.get().path().isPresent()) {
      Fd existing = linux.namespaces().open(namespace.get().path().get(), kind);
      prepared.hold(existing, kind);
      linux.namespaces().enter(existing, kind);
      return;
    }
    Fd fresh;
    if (maps.own() != null) {
      fresh = maps.takeFresh(kind);
      prepared.hold(fresh, kind);
      linux.namespaces().enter(fresh, kind);
    } else {
      linux.namespaces().unshare(kind.cloneFlag());
      fresh = linux.namespaces().current(kind);
      prepared.hold(fresh, kind);
    }
    if (kind == NamespaceKind.NETWORK) {
      linux.network().bringLoopbackUp(fresh);
    }
  }

  private void mountRoot(IdMaps maps) throws IOException {
    String directory = rootPath();
    String label = spec.linux().mountLabel().orElse(null);
    Fd rootFd = new RootfsStack(linux, trees, maps).mount(request.rootfs(), directory, label);
    prepared.root(rootFd);
    trees.propagate(rootFd, MountFlags.MS_PRIVATE | MountFlags.MS_REC);
  }

  private void mountAll(ContainerMounts mounts, Optional<UserMapping> users) throws IOException {
    Fd rootFd = prepared.root();
    RootDirectory root = new RootDirectory(linux.files(), rootFd);
    mounts.mountAll(root);
    if (!mounts.hasHostDev()) {
      new DeviceNodes(linux.files(), root, trees, users).make(spec.linux().devices());
    }
    if (request.terminal()) {
      openConsole(root);
    }
    mounts.protectDev();
    hidePaths(root);
    openWorkingDirectory(root);
    if (spec.root().readonly()) {
      trees.change(rootFd, MountFlags.MOUNT_ATTR_RDONLY, 0, false);
    }
    if (spec.linux().rootfsPropagation().isPresent()) {
      String name = spec.linux().rootfsPropagation().get();
      prepared.propagation(MountOptions.rootPropagation(name) & ~MountFlags.MS_REC);
    }
  }

  /** With mounts of its own the root only needs a place in a namespace that nobody else sees. */
  private String rootPath() throws IOException {
    Path path = request.bundle().resolve(spec.root().path());
    if (!request.rootfs().isEmpty()) {
      try {
        linux.files().mkdirat(Fd.CWD, path.toString(), 0711);
      } catch (LinuxException e) {
        if (e.errno() != Errno.EEXIST) {
          throw e;
        }
      }
    }
    return path.toString();
  }

  private void openConsole(RootDirectory root) throws IOException {
    Console console = Console.openIn(linux, root.root());
    prepared.console(console);
    try (Fd dev = root.open("/dev")) {
      replaceByFile(dev, "console");
      try (Fd target =
              linux.files().open(dev, "console", FileFlags.O_PATH | FileFlags.O_NOFOLLOW, 0);
          Fd tree = trees.copy(console.slave(), "", false)) {
        trees.attach(tree, target);
      }
    } catch (LinuxException e) {
      throw new IOException("mount the terminal at /dev/console: " + e.getMessage(), e);
    }
  }

  /** A link that an image put there must not decide where the terminal appears (CVE-2025-52565). */
  private void replaceByFile(Fd directory, String name) throws LinuxException {
    try {
      linux.files().unlinkat(directory, name, 0);
    } catch (LinuxException e) {
      if (e.errno() != Errno.ENOENT) {
        throw e;
      }
    }
    int flags = FileFlags.O_CREAT | FileFlags.O_EXCL | FileFlags.O_NOFOLLOW;
    linux.files().open(directory, name, flags, 0620).close();
  }

  private void hidePaths(RootDirectory root) throws IOException {
    HiddenPaths hidden = new HiddenPaths(linux, root, trees);
    for (String path : spec.linux().readonlyPaths()) {
      if (prepared.proc() != null && ContainerMounts.isBelowProc(path)) {
        prepared.proc().protect(path);
      } else {
        hidden.protect(path);
      }
    }
    for (String path : spec.linux().maskedPaths()) {
      if (prepared.proc() != null && ContainerMounts.isBelowProc(path)) {
        prepared.proc().mask(path);
      } else {
        hidden.mask(path);
      }
    }
  }

  private void openWorkingDirectory(RootDirectory root) throws IOException {
    if (spec.process().isEmpty()) {
      return;
    }
    String path = Path.of(spec.process().get().cwd()).normalize().toString();
    if (path.equals("/proc") || ContainerMounts.isBelowProc(path)) {
      prepared.workingDirectory(null, path);
      return;
    }
    try {
      prepared.workingDirectory(root.makeDirectories(path, 0755), path);
    } catch (LinuxException e) {
      throw new IOException("working directory " + path + ": " + e.getMessage(), e);
    }
  }
}
