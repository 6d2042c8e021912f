package io.gantry.runtime.container;

import io.gantry.runtime.launch.LaunchPlan;
import io.gantry.runtime.launch.LaunchPlanBuilder;
import io.gantry.runtime.linux.ResourceLimit;
import io.gantry.runtime.linux.Resources;
import io.gantry.runtime.oci.OciIoPriority;
import io.gantry.runtime.oci.OciProcess;
import io.gantry.runtime.oci.OciRlimit;
import io.gantry.runtime.seccomp.SeccompFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The steps that make a child the process that was asked for, the same for a container's first and
 * for every later one.
 */
final class ProcessSteps {
  private static final String DEFAULT_PATH =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  private static final int DEFAULT_UMASK = 0022;
  private static final long CAP_SYS_ADMIN = 1L << 21;

  private final OciProcess process;
  private final Privileges privileges;
  private final ContainerEngine.Notices notices;

  ProcessSteps(OciProcess process, Privileges privileges, ContainerEngine.Notices notices) {
    this.process = process;
    this.privileges = privileges;
    this.notices = notices;
  }

  /** What needs the host's /proc, and so comes before the container's root is entered. */
  void addHostSteps(LaunchPlanBuilder plan) {
    if (process.oomScoreAdj().isPresent()) {
      plan.oomScoreAdj(privileges.oomScoreAdj(process.oomScoreAdj().getAsInt(), notices));
    }
    String profile = process.apparmorProfile().orElse("");
    if (!profile.isEmpty() && !profile.equals("unconfined")) {
      plan.writeFile("/proc/self/attr/apparmor/exec", "exec " + profile);
    }
    if (process.selinuxLabel().isPresent()) {
      plan.writeFile("/proc/self/attr/exec", process.selinuxLabel().get());
    }
  }

  /** A session of its own, with the standard input as its terminal if that is one. */
  void addSessionSteps(LaunchPlanBuilder plan, boolean terminal) {
    plan.newSession();
    if (terminal) {
      plan.controllingTerminal(0);
    }
  }

  /** Limits, priorities and umask; before any privilege is dropped. */
  void addLimitSteps(LaunchPlanBuilder plan) {
    for (OciRlimit limit : process.rlimits()) {
      OptionalInt number = Resources.number(limit.type());
      if (number.isEmpty()) {
        throw new IllegalArgumentException("process.rlimits: unknown type " + limit.type());
      }
      plan.limit(limit.type(), number.getAsInt(), new ResourceLimit(limit.soft(), limit.hard()));
    }
    if (process.ioPriority().isPresent()) {
      OciIoPriority priority = process.ioPriority().get();
      plan.ioPriority(ioClass(priority.ioClass()), priority.priority());
    }
    plan.umask(process.user().umask().orElse(DEFAULT_UMASK));
  }

  private static int ioClass(String name) {
    switch (name) {
      case "IOPRIO_CLASS_RT":
        return 1;
      case "IOPRIO_CLASS_BE":
        return 2;
      case "IOPRIO_CLASS_IDLE":
        return 3;
      default:
        throw new IllegalArgumentException("process.ioPriority.class: unknown class " + name);
    }
  }

  /**
   * User, groups, capabilities and the seccomp filter. The filter comes as late as it can, so that
   * it need permit no more than capset(2), rt_sigprocmask(2) and execve(2): without no_new_privs
   * installing it takes CAP_SYS_ADMIN, which is kept until then and dropped right after.
   */
  void addIdentitySteps(LaunchPlanBuilder plan, Optional<SeccompFilter> filter) {
    int uid = (int) process.user().uid();
    boolean keepAdmin = filter.isPresent() && !process.noNewPrivileges();
    boolean root = uid == 0;
    // The sets of capabilities(7) after the user changed, where none are given.
    long effective = root ? privileges.permitted() : 0;
    long permitted = effective;
    long inheritable = 0;
    long ambient = 0;
    boolean given = process.capabilities().isPresent();
    if (given) {
      var sets = process.capabilities().get();
      plan.boundCapabilities(bits(sets.bounding()), privileges.lastCapability());
      effective = bits(sets.effective());
      permitted = bits(sets.permitted());
      inheritable = bits(sets.inheritable());
      ambient = bits(sets.ambient());
    }
    List<Integer> groups = new ArrayList<>();
    for (long gid : process.user().additionalGids()) {
      groups.add((int) gid);
    }
    plan.keepCapabilities();
    plan.supplementaryGroups(groups);
    plan.group((int) process.user().gid());
    plan.user(uid);
    if (keepAdmin) {
      plan.capabilities(effective | CAP_SYS_ADMIN, permitted | CAP_SYS_ADMIN, inheritable);
    } else {
      plan.capabilities(effective, permitted, inheritable);
    }
    if (given) {
      plan.ambientCapabilities(ambient);
    }
    if (process.noNewPrivileges()) {
      plan.noNewPrivileges();
    }
    if (filter.isPresent()) {
      plan.seccomp(filter.get().program(), filter.get().flags());
    }
    if (keepAdmin) {
      plan.capabilities(effective, permitted, inheritable);
    }
  }

  private long bits(List<String> names) {
    return privileges.capabilities(names, notices);
  }

  /** Ends the plan with the program. */
  LaunchPlan execute(LaunchPlanBuilder plan, String home) {
    List<String> environment = process.env();
    if (value("HOME") == null) {
      environment = new ArrayList<>(environment);
      environment.add("HOME=" + home);
    }
    return plan.execute(process.args().get(0), process.args(), environment, searchPath());
  }

  List<String> searchPath() {
    String path = value("PATH");
    List<String> directories = new ArrayList<>();
    String all = path == null ? DEFAULT_PATH : path;
    int at = 0;
    while (at <= all.length()) {
      int end = all.indexOf(':', at);
      end = end < 0 ? all.length() : end;
      directories.add(all.substring(at, end));
      at = end + 1;
    }
    return directories;
  }

  /** The last entry of a name counts, as in a shell. */
  private String value(String name) {
    String prefix = name + "=";
    String found = null;
    for (String entry : process.env()) {
      if (entry.startsWith(prefix)) {
        found = entry.substring(prefix.length());
      }
    }
    return found;
  }
}
