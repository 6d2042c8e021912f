package io.gantry.docker.engine.options;

import com.fasterxml.jackson.databind.JsonNode;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Json;
import io.gantry.proto.cri.v1.Capability;
import io.gantry.proto.cri.v1.LinuxContainerSecurityContext;
import io.gantry.proto.cri.v1.SELinuxOption;
import io.gantry.proto.cri.v1.SecurityProfile;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a container may do: capabilities, profiles, labels.
 *
 * @param seccomp the profile's own text, if one was given
 */
public record Security(LinuxContainerSecurityContext context, Optional<String> seccomp) {
  // What Docker hides and protects of the kernel's files.
  private static final List<String> MASKED =
      List.of(
          "/proc/acpi",
          "/proc/asound",
          "/proc/interrupts",
          "/proc/kcore",
          "/proc/keys",
          "/proc/latency_stats",
          "/proc/sched_debug",
          "/proc/scsi",
          "/proc/timer_list",
          "/proc/timer_stats",
          "/sys/devices/virtual/powercap",
          "/sys/firmware");
  private static final List<String> READONLY =
      List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

  /**
   * Reads the configurations.
   *
   * @throws EngineException if an option is unknown
   */
  public static Security of(JsonNode config, JsonNode host) throws EngineException {
    LinuxContainerSecurityContext.Builder context = LinuxContainerSecurityContext.newBuilder();
    boolean privileged = host.path("Privileged").asBoolean();
    context
        .setPrivileged(privileged)
        .setReadonlyRootfs(host.path("ReadonlyRootfs").asBoolean())
        .setRunAsUsername(config.path("User").asText(""))
        .setCapabilities(
            Capability.newBuilder()
                .addAllAddCapabilities(capabilities(host.path("CapAdd")))
                .addAllDropCapabilities(capabilities(host.path("CapDrop"))));
    for (String group : Json.listOf(host.path("GroupAdd"))) {
      context.addSupplementalGroups(groupId(group));
    }
    if (!privileged) {
      context.addAllMaskedPaths(paths(host, "MaskedPaths", MASKED));
      context.addAllReadonlyPaths(paths(host, "ReadonlyPaths", READONLY));
    }
    context.setSeccomp(
        profile(
            privileged
                ? SecurityProfile.ProfileType.Unconfined
                : SecurityProfile.ProfileType.RuntimeDefault));
    Optional<String> seccomp = Optional.empty();
    SELinuxOption.Builder label = SELinuxOption.newBuilder();
    for (String option : Json.listOf(host.path("SecurityOpt"))) {
      int separator = separator(option);
      String name = separator < 0 ? option : option.substring(0, separator);
      String value = separator < 0 ? "" : option.substring(separator + 1);
      switch (name) {
        case "no-new-privileges" -> context.setNoNewPrivs(flag(option, value));
        case "seccomp" -> seccomp = seccomp(value, context);
        case "apparmor" -> context.setApparmor(appArmor(value));
        case "label" -> label(option, value, label);
        default -> throw EngineException.badRequest("invalid --security-opt: " + option);
      }
    }
    if (!label.build().equals(SELinuxOption.getDefaultInstance())) {
      context.setSelinuxOptions(label);
    }
    return new Security(context.build(), seccomp);
  }

  /** {@code name=value}; clients of old write a colon. */
  private static int separator(String option) {
    int equals = option.indexOf('=');
    return equals >= 0 ? equals : option.indexOf(':');
  }

  private static boolean flag(String option, String value) throws EngineException {
    return switch (value) {
      case "", "true" -> true;
      case "false" -> false;
      default -> throw EngineException.badRequest("invalid --security-opt: " + option);
    };
  }

  private static Optional<String> seccomp(
      String value, LinuxContainerSecurityContext.Builder context) throws EngineException {
    switch (value) {
      case "unconfined" -> context.setSeccomp(profile(SecurityProfile.ProfileType.Unconfined));
      case "builtin" -> context.setSeccomp(profile(SecurityProfile.ProfileType.RuntimeDefault));
      default -> {
        if (!Json.parse(value, "seccomp profile").isObject()) {
          throw EngineException.badRequest("invalid seccomp profile: expected a JSON object");
        }
        return Optional.of(value);
      }
    }
    return Optional.empty();
  }

  private static SecurityProfile appArmor(String name) {
    return switch (name) {
      case "unconfined" -> profile(SecurityProfile.ProfileType.Unconfined).build();
      case "", "docker-default" -> profile(SecurityProfile.ProfileType.RuntimeDefault).build();
      default -> profile(SecurityProfile.ProfileType.Localhost).setLocalhostRef(name).build();
    };
  }

  private static void label(String option, String value, SELinuxOption.Builder label)
      throws EngineException {
    int colon = value.indexOf(':');
    String part = colon < 0 ? value : value.substring(0, colon);
    String given = colon < 0 ? "" : value.substring(colon + 1);
    switch (part) {
      case "disable" -> label.setType("spc_t");
      case "user" -> label.setUser(given);
      case "role" -> label.setRole(given);
      case "type" -> label.setType(given);
      case "level" -> label.setLevel(given);
      default -> throw EngineException.badRequest("invalid --security-opt: " + option);
    }
  }

  private static SecurityProfile.Builder profile(SecurityProfile.ProfileType type) {
    return SecurityProfile.newBuilder().setProfileType(type);
  }

  private static List<String> capabilities(JsonNode given) throws EngineException {
    List<String> names = new ArrayList<>();
    for (String each : Json.listOf(given)) {
      String name = each.toUpperCase(Locale.ROOT);
      name = name.startsWith("CAP_") ? name.substring(4) : name;
      if (!name.matches("[A-Z_]+")) {
        throw EngineException.badRequest("invalid capability: \"" + each + "\"");
      }
      names.add(name);
    }
    return names;
  }

  private static long groupId(String group) throws EngineException {
    try {
      return Long.parseLong(group);
    } catch (NumberFormatException e) {
      throw EngineException.badRequest(
          "gantry does not support --group-add with a name: give the number of group " + group);
    }
  }

  private static List<String> paths(JsonNode host, String field, List<String> otherwise) {
    return host.path(field).isArray() ? Json.listOf(host.path(field)) : otherwise;
  }
}
