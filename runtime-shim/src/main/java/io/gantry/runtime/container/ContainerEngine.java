package io.gantry.runtime.container;

import static io.gantry.runtime.container.ContainerException.Kind.INVALID_SPEC;

import io.gantry.runtime.launch.Launcher;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.cgroup.Cgroup;
import io.gantry.runtime.linux.cgroup.Cgroups;
import io.gantry.runtime.oci.OciProcess;
import io.gantry.runtime.oci.OciSpec;
import io.gantry.runtime.oci.OciSpecException;
import io.gantry.runtime.oci.OciSpecReader;
import io.gantry.runtime.rootfs.PreparedRootfs;
import io.gantry.runtime.rootfs.RootfsRequest;
import io.gantry.runtime.rootfs.RootfsSetup;
import io.gantry.runtime.seccomp.SeccompFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Makes containers from bundles. Thread-safe. */
public final class ContainerEngine {
  private final Linux linux;
  private final Cgroups cgroups;
  private final Notices notices;
  private LaunchParts parts; // Guarded by this.

  /** Takes what the user should know though nothing failed, such as a value that was clamped. */
  public interface Notices {
    void notice(String text);
  }

  public ContainerEngine(Linux linux, Cgroups cgroups, Notices notices) {
    this.linux = linux;
    this.cgroups = cgroups;
    this.notices = new OnceNotices(notices);
  }

  /** Loaded when the first container comes, as some engines only clean up. */
  private synchronized LaunchParts parts() throws IOException {
    if (parts == null) {
      parts = new LaunchParts(linux, new Launcher(linux), Privileges.read(linux), notices);
    }
    return parts;
  }

  /**
   * Prepares everything but the first process: reads the configuration, makes the cgroup, makes a
   * mount namespace with all mounts in it. On failure nothing stays behind.
   */
  public Container create(CreateRequest request) throws ContainerException {
    String asked = "create container " + request.id();
    OciSpec spec = read(asked, request.bundle());
    SpecChecks.check(request.id(), spec);
    String cgroupPath = SpecChecks.cgroupPath(request.id(), spec);
    try {
      Optional<SeccompFilter> filter = LinuxContainer.filter(spec);
      Cgroup cgroup = cgroups.create(cgroupPath);
      PreparedRootfs prepared = null;
      try {
        cgroup.apply(DefaultDevices.allowIn(spec.linux().resources()));
        if (Delegation.isAsked(spec)) {
          cgroup.delegateTo(Delegation.owner(spec));
        }
        prepared =
            RootfsSetup.prepare(
                linux,
                parts().launcher(),
                new RootfsRequest(
                    request.id(),
                    request.bundle(),
                    spec,
                    request.rootfs(),
                    request.terminal(),
                    cgroup.views(),
                    cgroups.at("/").views()));
        HookRunner hooks = new HookRunner(parts(), request.id(), request.bundle(), spec);
        hooks.afterCreate(prepared);
        return new LinuxContainer(parts(), request, spec, cgroup, prepared, filter, hooks);
      } catch (IOException | RuntimeException e) {
        undo(cgroup, prepared, e);
        throw e;
      }
    } catch (IOException | IllegalArgumentException e) {
      throw Failure.of(asked, e);
    }
  }

  private static OciSpec read(String asked, Path bundle) throws ContainerException {
    try {
      return OciSpecReader.read(bundle.resolve("config.json"));
    } catch (OciSpecException e) {
      throw new ContainerException(INVALID_SPEC, asked + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw Failure.of(asked + ": read config.json of " + bundle, e);
    }
  }

  private static void undo(Cgroup cgroup, PreparedRootfs prepared, Exception cause) {
    if (prepared != null) {
      prepared.close();
    }
    try {
      cgroup.killAll();
      cgroup.remove();
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  /**
   * Kills and removes what is left of a container whose owner is gone: its processes and its
   * cgroup; its mounts ended with them. Can be repeated; a bundle that is gone leaves the default
   * cgroup to look at.
   */
  public void cleanUp(String id, Path bundle) throws ContainerException {
    String asked = "clean up container " + id;
    String path = "/gantry/" + id;
    if (Files.exists(bundle.resolve("config.json"))) {
      path = SpecChecks.cgroupPath(id, read(asked, bundle));
    }
    try {
      Cgroup cgroup = cgroups.at(path);
      if (cgroup.exists()) {
        cgroup.killAll();
        cgroup.remove();
      }
    } catch (IOException | IllegalArgumentException e) {
      throw Failure.of(asked, e);
    }
  }

  /**
   * The launch plan of a bundle's first process as text, one system call per line. Mounts are
   * really made, in a namespace that is gone again; cgroups are left alone.
   */
  public String plan(String id, Path bundle) throws ContainerException {
    String asked = "plan container " + id;
    OciSpec spec = read(asked, bundle);
    SpecChecks.check(id, spec);
    if (spec.process().isEmpty() || spec.process().get().args().isEmpty()) {
      throw new ContainerException(INVALID_SPEC, asked + ": no command is specified");
    }
    OciProcess process = spec.process().get();
    // The container's own cgroup does not exist.
    List<Cgroup.View> views = cgroups.at("/").views();
    try (PreparedRootfs prepared =
        RootfsSetup.prepare(
            linux,
            parts().launcher(),
            new RootfsRequest(id, bundle, spec, List.of(), process.terminal(), views, views))) {
      FirstProcess first = new FirstProcess(parts(), id, spec, process, prepared);
      return first.describe(LinuxContainer.filter(spec));
    } catch (IOException | IllegalArgumentException e) {
      throw Failure.of(asked, e);
    }
  }
}
