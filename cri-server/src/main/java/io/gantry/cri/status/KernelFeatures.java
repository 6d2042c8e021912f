package io.gantry.cri.status;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.runtime.linux.Host;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.Syscall;
import io.gantry.runtime.linux.cgroup.Cgroups;
import java.util.Optional;
import java.util.Set;

/**
 * What the kernel can do of what gantry would use, asked once.
 *
 * @param release the kernel's version, all of it
 * @param calls those of the newer system calls that it has
 * @param recursiveReadOnly whether mounts can be made read-only with all mounts below them
 * @param idmappedMounts whether it knows mounts with mapped ids; not every filesystem does
 * @param userNamespaceProblem why containers cannot have user namespaces; empty if they can
 * @param cgroups which kernel interface holds the controllers
 */
public record KernelFeatures(
    String release,
    Set<Syscall> calls,
    boolean recursiveReadOnly,
    boolean idmappedMounts,
    Optional<String> userNamespaceProblem,
    Cgroups.Version cgroups) {
  public KernelFeatures {
    calls = Set.copyOf(calls);
  }

  public static KernelFeatures probe(
      Host host, Cgroups cgroups, Optional<String> userNamespaceProblem) throws LinuxException {
    Set<Syscall> calls = host.newerCalls();
    boolean mountSetattr = calls.contains(Syscall.MOUNT_SETATTR); // Linux 5.12 brought both.
    return new KernelFeatures(
        host.kernel().release(),
        calls,
        mountSetattr,
        mountSetattr,
        userNamespaceProblem,
        cgroups.version());
  }

  ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("release", release);
    json.put("openat2", calls.contains(Syscall.OPENAT2));
    json.put("clone3", calls.contains(Syscall.CLONE3));
    json.put("mountSetattr", calls.contains(Syscall.MOUNT_SETATTR));
    json.put("idmappedMounts", idmappedMounts);
    json.put("userNamespaces", userNamespaceProblem.isEmpty());
    userNamespaceProblem.ifPresent(problem -> json.put("userNamespaceProblem", problem));
    json.put("pidfd", calls.contains(Syscall.PIDFD_OPEN));
    json.put("cgroupVersion", cgroups == Cgroups.Version.V2 ? 2 : 1);
    return json;
  }
}
