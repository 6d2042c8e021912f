package io.gantry.cri.spec;

import io.gantry.cri.grpc.CriException;
import io.gantry.proto.cri.v1.Capability;
import io.gantry.proto.cri.v1.LinuxContainerSecurityContext;
import io.gantry.runtime.oci.OciCapabilities;
import io.gantry.runtime.oci.OciProcess;
import io.gantry.runtime.oci.OciUser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * A program that somebody asks to be run in a container that runs: as its first one, but for what
 * is said.
 *
 * @param environment name=value, on top of the container's
 * @param user user[:group], by name or number; empty means the container's
 * @param workingDirectory absolute; empty means the container's
 * @param privileged with all that the machine's root may do
 */
public record FurtherProcess(
    List<String> command,
    List<String> environment,
    String user,
    String workingDirectory,
    boolean privileged,
    boolean terminal) {

  private static final String UNCONFINED = "unconfined";

  public FurtherProcess {
    command = List.copyOf(command);
    environment = List.copyOf(environment);
    Objects.requireNonNull(user);
    if (command.isEmpty() || command.get(0).isEmpty()) {
      throw CriException.invalid("exec: no command");
    }
    for (String variable : environment) {
      if (variable.indexOf('=') <= 0) {
        throw CriException.invalid(
            "exec: environment variable \"" + variable + "\" is not name=value");
      }
    }
    if (!workingDirectory.isEmpty() && !workingDirectory.startsWith("/")) {
      throw CriException.invalid(
          "exec: working directory " + workingDirectory + " is not absolute");
    }
  }

  /** As the first process, with nothing changed but the command and the terminal. */
  public static FurtherProcess like(List<String> command, boolean terminal) {
    return new FurtherProcess(command, List.of(), "", "", false, terminal);
  }

  /**
   * @param first the container's first process
   * @param security what its container was asked for
   * @param files the container's account files
   * @param available the capabilities that this machine can give
   * @throws CriException if the user is not in the account files
   */
  OciProcess of(
      OciProcess first,
      LinuxContainerSecurityContext security,
      RootFiles files,
      Set<String> available)
      throws IOException {
    return new OciProcess(
        terminal,
        Optional.empty(),
        user(first, security, files),
        command,
        environment(first.env()),
        workingDirectory.isEmpty() ? first.cwd() : workingDirectory,
        capabilities(first, available),
        first.rlimits(),
        first.noNewPrivileges() && !privileged,
        privileged ? first.apparmorProfile().map(profile -> UNCONFINED) : first.apparmorProfile(),
        first.oomScoreAdj(),
        first.selinuxLabel(),
        first.ioPriority());
  }

  private OciUser user(OciProcess first, LinuxContainerSecurityContext security, RootFiles files)
      throws IOException {
    if (user.isEmpty()) {
      return first.user();
    }
    LinuxContainerSecurityContext groups =
        security.toBuilder().clearRunAsUser().clearRunAsUsername().clearRunAsGroup().build();
    return Users.of(groups, user, files);
  }

  private Optional<OciCapabilities> capabilities(OciProcess first, Set<String> available) {
    return privileged
        ? Optional.of(Capabilities.of(Capability.getDefaultInstance(), true, available))
        : first.capabilities();
  }

  private List<String> environment(List<String> first) {
    Map<String, String> variables = new LinkedHashMap<>();
    for (String entry : first) {
      variables.put(nameOf(entry), entry);
    }
    if (terminal) {
      variables.putIfAbsent("TERM", "TERM=xterm");
    }
    for (String entry : environment) {
      variables.put(nameOf(entry), entry);
    }
    return new ArrayList<>(variables.values());
  }

  private static String nameOf(String entry) {
    int equals = entry.indexOf('=');
    return equals < 0 ? entry : entry.substring(0, equals);
  }
}
