package io.gantry.cri.status;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.Syscall;
import io.gantry.runtime.linux.cgroup.Cgroups;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the kernel can do of what gantry would use, asked once.
 *
 * @param release the kernel's version, all of it
 * @param calls those of the newer system calls that it has
 * @param recursiveReadOnly whether mounts can be made read-only with all mounts below them
 * @param idmappedMounts whether it knows mounts with mapped ids; not every filesystem does
 * @param userNamespaceProblem why containers cannot have user namespaces; empty if they can
 * @param cgroups which kernel interface holds the controllers
 * @param lacks what is missing, and what follows from it
 */
public record KernelFeatures(
    String release,
    Set<Syscall> calls,
    boolean recursiveReadOnly,
    boolean idmappedMounts,
    Optional<String> userNamespaceProblem,
    Cgroups.Version cgroups,
    List<Lack> lacks) {
  private static final Logger log = LoggerFactory.getLogger(KernelFeatures.class);

  public KernelFeatures {
    calls = Set.copyOf(calls);
    lacks = List.copyOf(lacks);
  }

  public static KernelFeatures probe(
      Linux linux, Cgroups.Version cgroups, Optional<String> userNamespaceProblem)
      throws LinuxException {
    Set<Syscall> calls = linux.host().newerCalls();
    boolean mountSetattr = calls.contains(Syscall.MOUNT_SETATTR); // Linux 5.12 brought both.
    return new KernelFeatures(
        linux.host().kernel().release(),
        calls,
        mountSetattr,
        mountSetattr,
        userNamespaceProblem,
        cgroups,
        KernelProbe.lacks(linux, calls, userNamespaceProblem, cgroups));
  }

  /** What is missing and what follows from it, in words. */
  public List<String> missing() {
    return lacks.stream().map(Lack::toString).toList();
  }

  /** Says what is missing, a line for each. */
  public void log() {
    for (Lack lack : lacks) {
      log.atWarn()
          .addKeyValue("feature", lack.need().feature())
          .addKeyValue("since", lack.need().since())
          .addKeyValue("found", lack.found())
          .addKeyValue("consequence", lack.need().consequence())
          .log("missing in this kernel");
    }
  }

  /** Why no pod can run on this kernel; empty if pods can. */
  Optional<String> problem() {
    return lacks.stream()
        .filter(lack -> lack.need().isEssential())
        .map(lack -> "this kernel, " + release + ", lacks " + lack)
        .findFirst();
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
    var missing = json.putArray("missing");
    for (Lack lack : lacks) {
      missing
          .addObject()
          .put("feature", lack.need().feature())
          .put("since", lack.need().since())
          .put("found", lack.found())
          .put("consequence", lack.need().consequence());
    }
    return json;
  }
}
