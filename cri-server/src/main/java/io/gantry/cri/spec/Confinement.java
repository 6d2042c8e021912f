package io.gantry.cri.spec;

import io.gantry.cri.apparmor.AppArmorProfiles;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.cri.selinux.PodLevels;
import io.gantry.cri.selinux.SeLinuxLabel;
import io.gantry.proto.cri.v1.LinuxContainerSecurityContext;
import io.gantry.proto.cri.v1.SELinuxOption;
import io.gantry.proto.cri.v1.SecurityProfile;
import io.gantry.proto.cri.v1.SecurityProfile.ProfileType;
import io.gantry.runtime.oci.OciSeccomp;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** The filters and labels that confine a container: seccomp, AppArmor, SELinux. */
final class Confinement {
  private static final String LOCALHOST = "localhost/";

  private final SpecRequest request;
  private final HostFacts host;

  Confinement(SpecRequest request, HostFacts host) {
    this.request = request;
    this.host = host;
  }

  /**
   * The system call filter. No profile at all means unconfined, and so does privileged.
   *
   * @throws CriException if a local profile cannot be used
   */
  Optional<OciSeccomp> seccomp(SeccompProfiles profiles, Set<String> capabilities)
      throws IOException {
    if (request.privileged()) {
      return Optional.empty();
    }
    SecurityProfile profile = seccompProfile(request.security());
    return switch (profile.getProfileType()) {
      case Unconfined -> Optional.empty();
      case RuntimeDefault -> Optional.of(profiles.runtimeDefault(capabilities));
      case Localhost -> Optional.of(local(profiles, profile.getLocalhostRef()));
      case UNRECOGNIZED ->
          throw invalid("unknown seccomp profile type " + profile.getProfileTypeValue());
    };
  }

  private OciSeccomp local(SeccompProfiles profiles, String reference) {
    String path =
        reference.startsWith(LOCALHOST) ? reference.substring(LOCALHOST.length()) : reference;
    if (!path.startsWith("/")) {
      throw invalid("seccomp profile \"" + reference + "\": the path is not absolute");
    }
    try {
      return profiles.read(Path.of(path));
    } catch (IOException unusable) {
      throw new CriException(
          Failure.INVALID_REQUEST,
          words() + "seccomp profile " + path + ": " + unusable.getMessage(),
          unusable);
    }
  }

  /** The older field is read only when the newer one is not there. */
  @SuppressWarnings("deprecation")
  private static SecurityProfile seccompProfile(LinuxContainerSecurityContext security) {
    if (security.hasSeccomp()) {
      return security.getSeccomp();
    }
    return ofName(security.getSeccompProfilePath());
  }

  /**
   * The profile's name in the kernel. A request that says nothing gets the default one where that
   * can be had, and privileged none.
   *
   * @throws CriException if this host cannot apply it, or it is not loaded
   * @throws IOException if the default profile cannot be loaded
   */
  Optional<String> appArmor(AppArmorProfiles profiles) throws IOException, InterruptedException {
    if (request.privileged()) {
      return Optional.empty();
    }
    Optional<SecurityProfile> asked = appArmorProfile(request.security());
    if (asked.isEmpty()) {
      boolean possible = host.appArmor() && profiles.hasDefault();
      return possible ? Optional.of(profiles.loadedDefault()) : Optional.empty();
    }
    return switch (asked.get().getProfileType()) {
      case Unconfined -> Optional.empty();
      case RuntimeDefault -> {
        requireAppArmor();
        yield Optional.of(profiles.loadedDefault());
      }
      case Localhost -> {
        requireAppArmor();
        yield Optional.of(loaded(profiles, asked.get().getLocalhostRef()));
      }
      case UNRECOGNIZED ->
          throw invalid("unknown AppArmor profile type " + asked.get().getProfileTypeValue());
    };
  }

  private void requireAppArmor() {
    if (!host.appArmor()) {
      throw invalid("an AppArmor profile is asked for, but this host has no AppArmor");
    }
  }

  private String loaded(AppArmorProfiles profiles, String reference) throws IOException {
    String name =
        reference.startsWith(LOCALHOST) ? reference.substring(LOCALHOST.length()) : reference;
    if (name.isEmpty()) {
      throw invalid("the AppArmor profile has no name");
    }
    if (!profiles.isLoaded(name)) {
      throw CriException.wrongState(
          words() + "AppArmor profile \"" + name + "\" is not loaded on this node");
    }
    return name;
  }

  /** The older field is read only when the newer one is not there; empty if neither is. */
  @SuppressWarnings("deprecation")
  private static Optional<SecurityProfile> appArmorProfile(LinuxContainerSecurityContext security) {
    if (security.hasApparmor()) {
      return Optional.of(security.getApparmor());
    }
    String name = security.getApparmorProfile();
    return name.isEmpty() ? Optional.empty() : Optional.of(ofName(name));
  }

  /** The names that the older string fields held. */
  private static SecurityProfile ofName(String name) {
    SecurityProfile.Builder profile = SecurityProfile.newBuilder();
    return switch (name) {
      case "", "unconfined" -> profile.setProfileType(ProfileType.Unconfined).build();
      case "runtime/default", "docker/default" ->
          profile.setProfileType(ProfileType.RuntimeDefault).build();
      default -> profile.setProfileType(ProfileType.Localhost).setLocalhostRef(name).build();
    };
  }

  /**
   * The label of the container's processes: the policy's, with what the pod and then the container
   * ask for in its place. Privileged containers keep the daemon's.
   */
  Optional<String> processLabel() throws IOException {
    if (host.seLinux().isEmpty() || request.privileged()) {
      return Optional.empty();
    }
    SeLinuxLabel label = host.seLinux().get().process().withLevel(level());
    return Optional.of(
        label.with(podsOptions()).with(request.security().getSelinuxOptions()).toString());
  }

  /** The label of the container's files: of the policy's type, at the level of its processes. */
  Optional<String> mountLabel() throws IOException {
    if (host.seLinux().isEmpty() || request.privileged()) {
      return Optional.empty();
    }
    return Optional.of(host.seLinux().get().file().withLevel(level()).toString());
  }

  private SELinuxOption podsOptions() {
    return request.pod().config().getLinux().getSecurityContext().getSelinuxOptions();
  }

  private String level() throws IOException {
    String asked = request.security().getSelinuxOptions().getLevel();
    if (asked.isEmpty()) {
      asked = podsOptions().getLevel();
    }
    if (!asked.isEmpty()) {
      return asked;
    }
    return PodLevels.of(request.pod().paths().directory())
        .orElse(host.seLinux().orElseThrow().process().level());
  }

  private CriException invalid(String why) {
    return CriException.invalid(words() + why);
  }

  private String words() {
    return "container " + request.name() + ": ";
  }
}
