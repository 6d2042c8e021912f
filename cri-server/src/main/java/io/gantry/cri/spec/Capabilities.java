package io.gantry.cri.spec;

import io.gantry.cri.grpc.CriException;
import io.gantry.proto.cri.v1.Capability;
import io.gantry.runtime.oci.OciCapabilities;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The capability sets of a container, see capabilities(7). */
final class Capabilities {
  /** In the order of their numbers. */
  static final List<String> KNOWN = io.gantry.runtime.linux.Capability.names();

  /**
   * What a container gets that asks for nothing; the same set as other runtimes, so that images
   * work the same.
   */
  static final List<String> DEFAULT =
      List.of(
          "CAP_CHOWN",
          "CAP_DAC_OVERRIDE",
          "CAP_FOWNER",
          "CAP_FSETID",
          "CAP_KILL",
          "CAP_SETGID",
          "CAP_SETUID",
          "CAP_SETPCAP",
          "CAP_NET_BIND_SERVICE",
          "CAP_NET_RAW",
          "CAP_SYS_CHROOT",
          "CAP_MKNOD",
          "CAP_AUDIT_WRITE",
          "CAP_SETFCAP");

  private static final String ALL = "ALL";

  private Capabilities() {}

  /**
   * The sets for a request. ALL in either list is applied first, then single names, so that "drop
   * ALL, add KILL" and "add ALL, drop KILL" both mean what they say. What the host itself may not
   * do ({@code available}) is left out: nobody can grant it, and asking the kernel would fail the
   * whole start.
   *
   * @throws CriException if a name is no capability
   */
  static OciCapabilities of(Capability asked, boolean privileged, Set<String> available) {
    if (privileged) {
      return sets(KNOWN, List.of(), available);
    }
    List<String> add = names(asked.getAddCapabilitiesList());
    List<String> drop = names(asked.getDropCapabilitiesList());
    List<String> ambient = names(asked.getAddAmbientCapabilitiesList());
    Set<String> granted = new LinkedHashSet<>(add.contains(ALL) ? KNOWN : DEFAULT);
    if (drop.contains(ALL)) {
      granted.clear();
    }
    add.stream().filter(name -> !name.equals(ALL)).forEach(granted::add);
    drop.forEach(granted::remove);
    if (ambient.contains(ALL)) {
      ambient = List.copyOf(granted);
    }
    // A capability can only be ambient while it is permitted and inheritable, see prctl(2)
    // PR_CAP_AMBIENT.
    granted.addAll(ambient);
    return sets(granted, ambient, available);
  }

  private static OciCapabilities sets(
      Iterable<String> granted, List<String> ambient, Set<String> available) {
    List<String> held = new ArrayList<>();
    granted.forEach(held::add);
    held.retainAll(available);
    List<String> inherited = new ArrayList<>(ambient);
    inherited.retainAll(available);
    // Inheritable stays empty without ambient capabilities: a non-empty set lets an unprivileged
    // user gain
    // capabilities through files that carry inheritable ones (CVE-2022-24769).
    return new OciCapabilities(held, held, inherited, held, inherited);
  }

  private static List<String> names(List<String> asked) {
    List<String> names = new ArrayList<>();
    for (String name : asked) {
      String upper = name.toUpperCase(Locale.ROOT);
      String full = upper.equals(ALL) || upper.startsWith("CAP_") ? upper : "CAP_" + upper;
      if (!full.equals(ALL) && !KNOWN.contains(full)) {
        throw CriException.invalid("capability \"" + name + "\": no such capability");
      }
      names.add(full);
    }
    return names;
  }
}
