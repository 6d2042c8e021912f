package io.gantry.cri.spec;

import io.gantry.cri.apparmor.AppArmorProfiles;
import io.gantry.cri.cdi.Devices;
import io.gantry.cri.config.Config;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.limits.Limits;
import io.gantry.cri.pod.PodUsers;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.LinuxContainerSecurityContext;
import io.gantry.proto.cri.v1.PodSandboxMetadata;
import io.gantry.runtime.linux.IdRange;
import io.gantry.runtime.oci.OciCapabilities;
import io.gantry.runtime.oci.OciHooks;
import io.gantry.runtime.oci.OciIdMapping;
import io.gantry.runtime.oci.OciLinux;
import io.gantry.runtime.oci.OciMount;
import io.gantry.runtime.oci.OciProcess;
import io.gantry.runtime.oci.OciRoot;
import io.gantry.runtime.oci.OciSpec;
import io.gantry.runtime.oci.OciUser;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/** Builds the OCI specification of a container. Thread-safe. */
public final class ContainerSpec {
  private static final String OCI_VERSION = "1.2.0";

  /** Others refuse a later one than they know, crun before 1.9 anything but 1.0. */
  private static final String OCI_VERSION_FOR_OTHERS = "1.0.2";

  private final HostFacts host;
  private final SeccompProfiles seccompProfiles;
  private final AppArmorProfiles appArmorProfiles;
  private final Devices devices;
  private final CgroupPaths cgroupPaths;
  private final Config.Runtimes runtimes;

  public ContainerSpec(
      HostFacts host,
      SeccompProfiles seccompProfiles,
      AppArmorProfiles appArmorProfiles,
      Devices devices,
      CgroupPaths cgroupPaths,
      Config.Runtimes runtimes) {
    this.host = host;
    this.seccompProfiles = seccompProfiles;
    this.appArmorProfiles = appArmorProfiles;
    this.devices = devices;
    this.cgroupPaths = cgroupPaths;
    this.runtimes = runtimes;
  }

  /**
   * The specification for a request. Touches nothing on the host.
   *
   * @throws CriException if the request asks for what is wrong, or not there, or not built
   * @throws IOException if the host or the image's files cannot be read
   */
  public OciSpec build(SpecRequest request) throws IOException, InterruptedException {
    if (request.privileged() && !podIsPrivileged(request)) {
      throw CriException.invalid(
          "container " + request.name() + " is privileged, but its pod is not");
    }
    ExtraWishes wishes = ExtraWishes.of(request.config());
    OciCapabilities capabilities =
        Capabilities.of(
            request.security().getCapabilities(), request.privileged(), host.capabilities());
    Confinement confinement = new Confinement(request, host);
    OciUser user = Users.of(request.security(), request.image().user(), request.rootFiles());
    List<OciMount> mounts =
        Mounts.of(
            request,
            RequestedMounts.of(request.name(), request.config().getMountsList(), host)
                .and(wishes.tmpfs()));
    OciSpec spec =
        new OciSpec(
            runtime(request).isOwn() ? OCI_VERSION : OCI_VERSION_FOR_OTHERS,
            Optional.of(process(request, user, capabilities, confinement, wishes)),
            new OciRoot(request.rootPath(), request.security().getReadonlyRootfs()),
            Optional.empty(),
            Optional.empty(),
            mounts,
            OciHooks.NONE,
            annotations(request),
            linux(request, mounts, capabilities, confinement));
    return DeviceEdits.apply(request, spec, devices, host);
  }

  /** Whom an image's user means; root if it is empty. */
  public OciUser imageUser(String user, RootFiles files) throws IOException {
    return Users.of(LinuxContainerSecurityContext.getDefaultInstance(), user, files);
  }

  /**
   * A program to be run in a container beside its first one.
   *
   * @param security what its container was asked for
   * @throws CriException if its user is not in the account files
   */
  public OciProcess further(
      FurtherProcess asked,
      OciProcess first,
      LinuxContainerSecurityContext security,
      RootFiles files)
      throws IOException {
    return asked.of(first, security, files, host.capabilities());
  }

  private static boolean podIsPrivileged(SpecRequest request) {
    return request.pod().config().getLinux().getSecurityContext().getPrivileged();
  }

  private OciProcess process(
      SpecRequest request,
      OciUser user,
      OciCapabilities capabilities,
      Confinement confinement,
      ExtraWishes wishes)
      throws IOException, InterruptedException {
    ContainerConfig config = request.config();
    return new OciProcess(
        config.getTty(),
        Optional.empty(),
        user,
        CommandLine.of(
            config.getCommandList(),
            config.getArgsList(),
            request.image().entrypoint(),
            request.image().cmd()),
        Environment.of(
            config.getTty(), request.pod().hostname(), request.image().env(), config.getEnvsList()),
        workingDirectory(request),
        Optional.of(capabilities),
        wishes.limits(),
        request.security().getNoNewPrivs(),
        confinement.appArmor(appArmorProfiles),
        OptionalInt.of(oomScoreAdj(request)),
        confinement.processLabel(),
        Optional.empty());
  }

  private static String workingDirectory(SpecRequest request) {
    String asked = request.config().getWorkingDir();
    if (asked.isEmpty()) {
      String image = request.image().workingDir();
      // Dockerfiles may hold a relative WORKDIR, which counts from the root.
      return image.startsWith("/") ? image : "/" + image;
    }
    if (!asked.startsWith("/")) {
      throw CriException.invalid(
          "container " + request.name() + ": working directory " + asked + " is not absolute");
    }
    return asked;
  }

  private static int oomScoreAdj(SpecRequest request) {
    long asked = request.resources().getOomScoreAdj();
    if (asked < -1000 || asked > 1000) {
      throw CriException.invalid(
          "container " + request.name() + ": oom_score_adj " + asked + " is not in -1000..1000");
    }
    return (int) asked;
  }

  private OciLinux linux(
      SpecRequest request,
      List<OciMount> mounts,
      OciCapabilities capabilities,
      Confinement confinement)
      throws IOException {
    DeviceSet allowed =
        DeviceSet.of(request, host, !runtime(request).privilegedWithoutHostDevices());
    boolean confined = !request.privileged();
    return new OciLinux(
        NamespaceSet.of(request, host.unifiedCgroups()),
        mappings(request, PodUsers::uids),
        mappings(request, PodUsers::gids),
        allowed.nodes(),
        Optional.of(cgroupPaths.of(request.pod().cgroupParent(), request.id())),
        Limits.of(request.resources()).withDevices(allowed.rules()),
        Map.of(),
        confinement.seccomp(seccompProfiles, Set.copyOf(capabilities.bounding())),
        Mounts.rootPropagation(mounts),
        confined ? request.security().getMaskedPathsList() : List.of(),
        confined ? request.security().getReadonlyPathsList() : List.of(),
        confinement.mountLabel(),
        Optional.empty());
  }

  private static List<OciIdMapping> mappings(
      SpecRequest request, Function<PodUsers, IdRange> kind) {
    return request
        .pod()
        .users()
        .map(kind)
        .map(range -> new OciIdMapping(range.inside(), range.outside(), range.count()))
        .map(List::of)
        .orElse(List.of());
  }

  /**
   * The names under which shims and tools of other runtimes look for a container's place in its
   * pod.
   */
  private Map<String, String> annotations(SpecRequest request) {
    PodSandboxMetadata pod = request.pod().config().getMetadata();
    Map<String, String> annotations = new TreeMap<>();
    annotations.put("io.kubernetes.cri.container-type", "container");
    annotations.put("io.kubernetes.cri.container-name", request.name());
    annotations.put("io.kubernetes.cri.image-name", request.config().getImage().getImage());
    annotations.put("io.kubernetes.cri.sandbox-id", request.pod().id());
    annotations.put("io.kubernetes.cri.sandbox-name", pod.getName());
    annotations.put("io.kubernetes.cri.sandbox-namespace", pod.getNamespace());
    annotations.put("io.kubernetes.cri.sandbox-uid", pod.getUid());
    Config.Runtime runtime = runtime(request);
    if (!runtime.isOwn()) {
      // Containers with the same group share a shim, where it can; left out, a pod's would.
      annotations.put(
          "io.containerd.runc.v2.group",
          switch (runtime.sharing()) {
            case CONTAINER -> request.id();
            case POD -> request.pod().id();
            case NODE -> runtime.name();
          });
    }
    return annotations;
  }

  private Config.Runtime runtime(SpecRequest request) {
    String handler = request.pod().runtimeHandler();
    return runtimes
        .find(handler)
        .orElseThrow(
            () ->
                CriException.wrongState(
                    "pod %s: its runtime handler \"%s\" is not in gantry.toml any more"
                        .formatted(request.pod().id(), handler)));
  }
}
