package io.gantry.runtime.launch;

import io.gantry.runtime.linux.Capability;
import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.NamespaceKind;
import io.gantry.runtime.linux.NativeText;
import io.gantry.runtime.linux.ResourceLimit;
import io.gantry.runtime.linux.Syscall;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a {@link LaunchPlan} step by step; every method adds what it says at the end. Descriptors
 * are numbers that must be open at launch.
 *
 * <p>Three orders are the caller's care: joining namespaces and cgroups comes before pivot_root,
 * while the host's /proc is in sight; {@link #closeDescriptorsFrom} comes before {@link
 * #changeDirectory}, so that no path through /proc/self/fd leads to the host (CVE-2024-21626); and
 * what needs a capability comes before it is dropped. A seccomp filter must permit all that follows
 * it.
 *
 * <p>Not thread-safe.
 */
public final class LaunchPlanBuilder {
  private static final int PR_SET_PDEATHSIG = 1;
  private static final int PR_SET_KEEPCAPS = 8;
  private static final int PR_CAPBSET_DROP = 24;
  private static final int PR_SET_NO_NEW_PRIVS = 38;
  private static final int PR_CAP_AMBIENT = 47;
  private static final int PR_CAP_AMBIENT_RAISE = 2;
  private static final int PR_CAP_AMBIENT_CLEAR_ALL = 4;
  private static final int LINUX_CAPABILITY_VERSION_3 = 0x20080522;
  private static final int SECCOMP_SET_MODE_FILTER = 1;
  private static final int TIOCSCTTY = 0x540E;
  private static final int MNT_DETACH = 2;
  private static final int SIG_SETMASK = 2;
  private static final int SIGCHLD = 17;
  private static final int KERNEL_SIGSET_BYTES = 8;
  private static final int KEYCTL_JOIN_SESSION_KEYRING = 1;
  private static final int IOPRIO_WHO_PROCESS = 1;
  private static final int SCHED_ATTR_BYTES = 48;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int AF_UNIX = 1;
  private static final int SOCK_STREAM = 1;

  private final List<Step> steps = new ArrayList<>();

  LaunchPlanBuilder() {}

  /** Any call not named below. */
  public LaunchPlanBuilder step(String name, Syscall call, Argument... arguments) {
    steps.add(new Step(name, call, List.of(arguments), List.of()));
    return this;
  }

  /** Lets the launch go on if the step before fails with one of these errnos. */
  public LaunchPlanBuilder ignoring(int... errnos) {
    Step last = steps.remove(steps.size() - 1);
    List<Integer> all = new ArrayList<>(last.ignored());
    for (int errno : errnos) {
      all.add(errno);
    }
    steps.add(new Step(last.name(), last.call(), last.arguments(), all));
    return this;
  }

  /** What the step before returns, for use in a later one. */
  public Argument lastResult() {
    return new Argument.Result(steps.size() - 1);
  }

  public LaunchPlanBuilder joinNamespace(int descriptor, NamespaceKind kind) {
    return step(
        "join " + kind.procName() + " namespace",
        Syscall.SETNS,
        Argument.of(descriptor),
        Argument.of(kind.cloneFlag(), kind.cloneFlagName()));
  }

  /** Begins a cgroup namespace whose root is the cgroup the child is in by then. */
  public LaunchPlanBuilder newCgroupNamespace() {
    return step(
        "begin a cgroup namespace",
        Syscall.UNSHARE,
        Argument.of(NamespaceKind.CGROUP.cloneFlag(), "CLONE_NEWCGROUP"));
  }

  /**
   * Begins a mount namespace with a copy of the mounts of the one before. Where that belonged to
   * another user namespace, the copies can neither be taken apart nor be less restricted later, and
   * what was shared is slave (mount_namespaces(7)).
   */
  public LaunchPlanBuilder newMountNamespace() {
    return step(
        "begin a mount namespace",
        Syscall.UNSHARE,
        Argument.of(NamespaceKind.MOUNT.cloneFlag(), "CLONE_NEWNS"));
  }

  /** Begins namespaces of several kinds, as CLONE_NEW flags of unshare(2). */
  public LaunchPlanBuilder newNamespaces(int flags) {
    return step("begin namespaces", Syscall.UNSHARE, Argument.of(flags));
  }

  /** Moves the child into a cgroup through its open cgroup.procs (or tasks) file. */
  public LaunchPlanBuilder joinCgroup(String path, int procsDescriptor) {
    return write("join cgroup " + path, Argument.of(procsDescriptor), "0");
  }

  public LaunchPlanBuilder mount(
      String source, String target, String type, long flags, String data) {
    String what = type == null || type.isEmpty() || type.equals("bind") ? source : type;
    return step(
        "mount " + (what == null ? "" : what + " ") + "at " + target,
        Syscall.MOUNT,
        Argument.of(source),
        Argument.of(target),
        Argument.of(type),
        Argument.of(flags, FlagNames.mount(flags)),
        Argument.of(data));
  }

  public LaunchPlanBuilder unmountDetached(String target) {
    return step(
        "unmount " + target,
        Syscall.UMOUNT2,
        Argument.of(target),
        Argument.of(MNT_DETACH, "MNT_DETACH"));
  }

  public LaunchPlanBuilder pivotRoot(String newRoot, String putOld) {
    return step(
        "pivot root to " + newRoot, Syscall.PIVOT_ROOT, Argument.of(newRoot), Argument.of(putOld));
  }

  /** For roots that pivot_root(2) refuses, such as an initial ramdisk. */
  public LaunchPlanBuilder changeRoot(String path) {
    return step("change root to " + path, Syscall.CHROOT, Argument.of(path));
  }

  public LaunchPlanBuilder changeDirectory(String path) {
    return step("change directory to " + path, Syscall.CHDIR, Argument.of(path));
  }

  public LaunchPlanBuilder changeDirectory(int descriptor, String path) {
    return step("change directory to " + path, Syscall.FCHDIR, Argument.of(descriptor));
  }

  public LaunchPlanBuilder makeDirectory(String path, int mode) {
    return step(
        "make directory " + path,
        Syscall.MKDIRAT,
        Argument.of(-100, "AT_FDCWD"),
        Argument.of(path),
        Argument.of(mode, "0" + Integer.toOctalString(mode)));
  }

  public LaunchPlanBuilder hostname(String name) {
    byte[] bytes = NativeText.encode(name);
    return step(
        "set host name " + name,
        Syscall.SETHOSTNAME,
        new Argument.Bytes(bytes, "\"" + name + "\""),
        Argument.of(bytes.length));
  }

  public LaunchPlanBuilder domainname(String name) {
    byte[] bytes = NativeText.encode(name);
    return step(
        "set domain name " + name,
        Syscall.SETDOMAINNAME,
        new Argument.Bytes(bytes, "\"" + name + "\""),
        Argument.of(bytes.length));
  }

  /** Opens a file; {@link #lastResult()} then is its descriptor. */
  public LaunchPlanBuilder open(String path, int flags, int mode) {
    return step(
        "open " + path,
        Syscall.OPENAT,
        Argument.of(-100, "AT_FDCWD"),
        Argument.of(path),
        Argument.of(flags | FileFlags.O_CLOEXEC, "0x" + Integer.toHexString(flags)),
        Argument.of(mode, "0" + Integer.toOctalString(mode)));
  }

  /** Writes a short text, as /proc and cgroup files take it, in one call. */
  public LaunchPlanBuilder write(String name, Argument descriptor, String text) {
    byte[] bytes = NativeText.encode(text);
    return step(
        name,
        Syscall.WRITE,
        descriptor,
        new Argument.Bytes(bytes, "\"" + text.replace("\n", "\\n") + "\""),
        Argument.of(bytes.length));
  }

  public LaunchPlanBuilder close(Argument descriptor) {
    return step("close " + descriptor.shown(), Syscall.CLOSE, descriptor);
  }

  /** Opens, writes and closes a file that exists. */
  public LaunchPlanBuilder writeFile(String path, String text) {
    open(path, FileFlags.O_WRONLY, 0);
    Argument file = lastResult();
    return write("write " + text + " to " + path, file, text).close(file);
  }

  /** oom_score_adj of the child, -1000 to 1000, through the host's /proc. */
  public LaunchPlanBuilder oomScoreAdj(int value) {
    return writeFile("/proc/self/oom_score_adj", Integer.toString(value));
  }

  /**
   * As {@link #oomScoreAdj}, going on where the kernel refuses: less than the own value needs
   * CAP_SYS_RESOURCE.
   */
  public LaunchPlanBuilder oomScoreAdjIfAllowed(int value) {
    String path = "/proc/self/oom_score_adj";
    open(path, FileFlags.O_WRONLY, 0);
    Argument file = lastResult();
    String text = Integer.toString(value);
    return write("write " + text + " to " + path, file, text).ignoring(Errno.EACCES).close(file);
  }

  /**
   * Makes three open descriptors the child's 0, 1 and 2; they may be the same, or among those
   * already.
   */
  public LaunchPlanBuilder standardStreams(int input, int output, int error) {
    int[] sources = {input, output, error};
    Argument[] safe = new Argument[sources.length];
    for (int i = 0; i < sources.length; i++) {
      safe[i] = Argument.of(sources[i]);
      if (sources[i] < sources.length && sources[i] != i) {
        // It would be overwritten by an earlier one of the three.
        step(
            "save descriptor " + sources[i],
            Syscall.FCNTL,
            Argument.of(sources[i]),
            Argument.of(FileFlags.F_DUPFD_CLOEXEC, "F_DUPFD_CLOEXEC"),
            Argument.of(sources.length));
        safe[i] = lastResult();
      }
    }
    String[] names = {"standard input", "standard output", "standard error"};
    for (int i = 0; i < sources.length; i++) {
      if (sources[i] == i) {
        // dup3 of a descriptor onto itself is EINVAL; what is left to do is to keep it across
        // execve.
        step(
            "keep " + names[i],
            Syscall.FCNTL,
            Argument.of(i),
            Argument.of(FileFlags.F_SETFD, "F_SETFD"),
            Argument.of(0));
      } else {
        step("set " + names[i], Syscall.DUP3, safe[i], Argument.of(i), Argument.of(0));
      }
    }
    return this;
  }

  /** Closes every descriptor from {@code first} on; with 3, nothing but stdio crosses execve. */
  public LaunchPlanBuilder closeDescriptorsFrom(int first) {
    return step(
        "close descriptors from " + first,
        Syscall.CLOSE_RANGE,
        Argument.of(first),
        Argument.of(0xffffffffL, "~0U"),
        Argument.of(0));
  }

  public LaunchPlanBuilder newSession() {
    return step("start a session", Syscall.SETSID);
  }

  /** Makes a terminal the new session's controlling one. */
  public LaunchPlanBuilder controllingTerminal(int descriptor) {
    return step(
        "set controlling terminal",
        Syscall.IOCTL,
        Argument.of(descriptor),
        Argument.of(TIOCSCTTY, "TIOCSCTTY"),
        Argument.of(0));
  }

  /**
   * A session keyring of the child's own, so that it does not reach the host's keys; a kernel
   * without keyrings has none to hide.
   */
  public LaunchPlanBuilder newSessionKeyring(String name) {
    return step(
            "join session keyring " + name,
            Syscall.KEYCTL,
            Argument.of(KEYCTL_JOIN_SESSION_KEYRING, "KEYCTL_JOIN_SESSION_KEYRING"),
            Argument.of(name))
        .ignoring(Errno.ENOSYS);
  }

  /**
   * @param resource a number of {@link io.gantry.runtime.linux.Resources}
   */
  public LaunchPlanBuilder limit(String name, int resource, ResourceLimit limit) {
    byte[] struct = Structs.ofLongs(limit.soft(), limit.hard());
    String shown =
        "{"
            + Long.toUnsignedString(limit.soft())
            + ", "
            + Long.toUnsignedString(limit.hard())
            + "}";
    return step(
        "set limit " + name,
        Syscall.PRLIMIT64,
        Argument.of(0),
        Argument.of(resource, name),
        new Argument.Bytes(struct, shown),
        Argument.none());
  }

  public LaunchPlanBuilder supplementaryGroups(List<Integer> groups) {
    int[] ids = new int[groups.size()];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = groups.get(i);
    }
    return step(
        "set supplementary groups " + groups,
        Syscall.SETGROUPS,
        Argument.of(ids.length),
        ids.length == 0
            ? Argument.none()
            : new Argument.Bytes(Structs.ofInts(ids), groups.toString()));
  }

  /** Real, effective and saved group. */
  public LaunchPlanBuilder group(int gid) {
    Argument id = Argument.of(gid & 0xffffffffL);
    return step("become group " + Integer.toUnsignedString(gid), Syscall.SETRESGID, id, id, id);
  }

  /**
   * Real, effective and saved user. Without {@link #keepCapabilities} a change from 0 clears all
   * permitted capabilities.
   */
  public LaunchPlanBuilder user(int uid) {
    Argument id = Argument.of(uid & 0xffffffffL);
    return step("become user " + Integer.toUnsignedString(uid), Syscall.SETRESUID, id, id, id);
  }

  /**
   * Keeps permitted capabilities across {@link #user}; {@link #capabilities} must then raise the
   * effective ones anew.
   */
  public LaunchPlanBuilder keepCapabilities() {
    return prctl("keep capabilities", PR_SET_KEEPCAPS, "PR_SET_KEEPCAPS", 1, 0);
  }

  /**
   * Drops every capability but those in {@code keep} (bits) from the bounding set, up to number
   * {@code last}, the kernel's highest.
   */
  public LaunchPlanBuilder boundCapabilities(long keep, int last) {
    for (int number = 0; number <= last; number++) {
      if ((keep & 1L << number) == 0) {
        prctl(
            "drop " + Capability.name(number) + " from the bounding set",
            PR_CAPBSET_DROP,
            "PR_CAPBSET_DROP",
            number,
            0);
      }
    }
    return this;
  }

  /** Sets the capability sets, each as bits. */
  public LaunchPlanBuilder capabilities(long effective, long permitted, long inheritable) {
    byte[] header = Structs.ofInts(LINUX_CAPABILITY_VERSION_3, 0);
    byte[] data =
        Structs.ofInts(
            (int) effective,
            (int) permitted,
            (int) inheritable,
            (int) (effective >>> 32),
            (int) (permitted >>> 32),
            (int) (inheritable >>> 32));
    String shown =
        "{effective=0x"
            + Long.toHexString(effective)
            + ", permitted=0x"
            + Long.toHexString(permitted)
            + ", inheritable=0x"
            + Long.toHexString(inheritable)
            + "}";
    return step(
        "set capabilities",
        Syscall.CAPSET,
        new Argument.Bytes(header, "{v3, self}"),
        new Argument.Bytes(data, shown));
  }

  /**
   * Clears the ambient set and raises these (bits), which must be permitted and inheritable by
   * then.
   */
  public LaunchPlanBuilder ambientCapabilities(long set) {
    prctl(
        "clear ambient capabilities",
        PR_CAP_AMBIENT,
        "PR_CAP_AMBIENT",
        PR_CAP_AMBIENT_CLEAR_ALL,
        0);
    for (int number = 0; number < Long.SIZE; number++) {
      if ((set & 1L << number) != 0) {
        prctl(
            "raise ambient " + Capability.name(number),
            PR_CAP_AMBIENT,
            "PR_CAP_AMBIENT",
            PR_CAP_AMBIENT_RAISE,
            number);
      }
    }
    return this;
  }

  public LaunchPlanBuilder noNewPrivileges() {
    return prctl("set no_new_privs", PR_SET_NO_NEW_PRIVS, "PR_SET_NO_NEW_PRIVS", 1, 0);
  }

  /** The signal that the child gets when the thread that launched it ends. */
  public LaunchPlanBuilder parentDeathSignal(int signal) {
    return prctl(
        "set parent death signal " + signal, PR_SET_PDEATHSIG, "PR_SET_PDEATHSIG", signal, 0);
  }

  private LaunchPlanBuilder prctl(String name, int option, String shown, long a, long b) {
    // prctl(2) wants unused arguments zero, which missing ones are.
    return step(name, Syscall.PRCTL, Argument.of(option, shown), Argument.of(a), Argument.of(b));
  }

  /** Installs a seccomp filter: struct sock_filter in a row, and SECCOMP_FILTER_FLAG_ bits. */
  public LaunchPlanBuilder seccomp(byte[] program, int flags) {
    return step(
        "install the seccomp filter",
        Syscall.SECCOMP,
        Argument.of(SECCOMP_SET_MODE_FILTER, "SECCOMP_SET_MODE_FILTER"),
        Argument.of(flags),
        new Argument.Filter(program.clone()));
  }

  public LaunchPlanBuilder umask(int mask) {
    return step("set umask", Syscall.UMASK, Argument.of(mask, "0" + Integer.toOctalString(mask)));
  }

  /** nice(2)'s value, -20 to 19. */
  public LaunchPlanBuilder priority(int nice) {
    return step(
        "set priority " + nice,
        Syscall.SETPRIORITY,
        Argument.of(0, "PRIO_PROCESS"),
        Argument.of(0),
        Argument.of(nice));
  }

  /** I/O scheduling class 1 to 3 and priority 0 to 7 (ioprio_set(2)). */
  public LaunchPlanBuilder ioPriority(int ioClass, int priority) {
    return step(
        "set I/O priority",
        Syscall.IOPRIO_SET,
        Argument.of(IOPRIO_WHO_PROCESS, "IOPRIO_WHO_PROCESS"),
        Argument.of(0),
        Argument.of((long) ioClass << 13 | priority));
  }

  /**
   * The scheduler by sched_setattr(2): policy, its flags, and what the policy takes; times in
   * nanoseconds.
   */
  public LaunchPlanBuilder scheduler(
      int policy, long flags, int nice, int priority, long runtime, long deadline, long period) {
    byte[] struct =
        Structs.ofLongs(
            SCHED_ATTR_BYTES | (long) policy << 32,
            flags,
            nice & 0xffffffffL | (long) priority << 32,
            runtime,
            deadline,
            period);
    return step(
        "set scheduler",
        Syscall.SCHED_SETATTR,
        Argument.of(0),
        new Argument.Bytes(struct, "{policy=" + policy + "}"),
        Argument.of(0));
  }

  /** Pins the child to processors; bit n of the little-endian mask is processor n. */
  public LaunchPlanBuilder processors(byte[] mask) {
    return step(
        "set processor affinity",
        Syscall.SCHED_SETAFFINITY,
        Argument.of(0),
        Argument.of(mask.length),
        new Argument.Bytes(mask.clone(), "{" + mask.length + " bytes}"));
  }

  public LaunchPlanBuilder personality(long persona) {
    return step(
        "set personality",
        Syscall.PERSONALITY,
        Argument.of(persona, "0x" + Long.toHexString(persona)));
  }

  /**
   * Connects to a unix stream socket and leaves the connection open as {@code descriptor} for the
   * program. The descriptors between the standard streams and that number must be free or closed.
   *
   * @param path at most 107 bytes (unix(7))
   */
  public LaunchPlanBuilder connect(String path, int descriptor) {
    step(
        "open a socket",
        Syscall.SOCKET,
        Argument.of(AF_UNIX, "AF_UNIX"),
        Argument.of(SOCK_STREAM, "SOCK_STREAM"),
        Argument.of(0));
    Argument socket = lastResult();
    byte[] address = Structs.unixAddress(path);
    step(
        "connect to " + path,
        Syscall.CONNECT,
        socket,
        new Argument.Bytes(address, "{AF_UNIX, \"" + path + "\"}"),
        Argument.of(address.length));
    return step(
            "keep the connection open",
            Syscall.DUP3,
            socket,
            Argument.of(descriptor),
            Argument.of(0))
        .ignoring(Errno.EINVAL); // It has that number already.
  }

  /**
   * Has the kernel reap the child's children by itself (sigaction(2), SA_NOCLDWAIT); kept across
   * execve.
   */
  public LaunchPlanBuilder ignoreChildren() {
    return step(
        "ignore SIGCHLD",
        Syscall.RT_SIGACTION,
        Argument.of(SIGCHLD, "SIGCHLD"),
        new Argument.Bytes(Structs.ofLongs(1, 0, 0, 0), "SIG_IGN"),
        Argument.none(),
        Argument.of(KERNEL_SIGSET_BYTES));
  }

  /**
   * Executes {@code program}: as a path if it has a slash, else searched in the directories of
   * {@code searchPath}, past those where it is missing or may not be executed. No step may follow.
   */
  public LaunchPlan execute(
      String program, List<String> arguments, List<String> environment, List<String> searchPath) {
    Argument argv = texts(arguments);
    Argument envp = texts(environment);
    unblockSignals();
    List<String> candidates = candidates(program, searchPath);
    for (int i = 0; i < candidates.size(); i++) {
      String path = candidates.get(i);
      String name = path.isEmpty() ? "find " + program + " in an empty PATH" : "execute " + path;
      step(name, Syscall.EXECVE, Argument.of(path), argv, envp);
      if (i < candidates.size() - 1) {
        // What execvp(3) goes on after.
        ignoring(Errno.ENOENT, Errno.EACCES, Errno.ENOTDIR);
      }
    }
    return new LaunchPlan(steps);
  }

  /**
   * Executes an open file, for programs that no path leads to. Every other descriptor but stdio is
   * closed before. A script cannot be executed so (execveat(2), ENOENT).
   */
  public LaunchPlan executeDescriptor(
      int descriptor, String name, List<String> arguments, List<String> environment) {
    int kept = 3;
    if (descriptor != kept) {
      step(
          "move descriptor of " + name,
          Syscall.DUP3,
          Argument.of(descriptor),
          Argument.of(kept),
          Argument.of(FileFlags.O_CLOEXEC, "O_CLOEXEC"));
    }
    closeDescriptorsFrom(kept + 1);
    unblockSignals();
    step(
        "execute " + name,
        Syscall.EXECVEAT,
        Argument.of(kept),
        Argument.of(""),
        texts(arguments),
        texts(environment),
        Argument.of(AT_EMPTY_PATH, "AT_EMPTY_PATH"));
    return new LaunchPlan(steps);
  }

  private void unblockSignals() {
    // The launcher blocked all, so that none was handled in memory shared with the parent.
    step(
        "unblock signals",
        Syscall.RT_SIGPROCMASK,
        Argument.of(SIG_SETMASK, "SIG_SETMASK"),
        new Argument.Bytes(Structs.ofLongs(0), "[]"),
        Argument.none(),
        Argument.of(KERNEL_SIGSET_BYTES));
  }

  private static List<String> candidates(String program, List<String> searchPath) {
    if (program.isEmpty() || program.indexOf('/') >= 0 || searchPath.isEmpty()) {
      // An empty path and a bare name without any directory to look in are ENOENT.
      return List.of(program.indexOf('/') >= 0 ? program : "");
    }
    List<String> candidates = new ArrayList<>();
    for (String directory : searchPath) {
      candidates.add(directory.isEmpty() ? "./" + program : directory + "/" + program);
    }
    return candidates;
  }

  private static Argument.Texts texts(List<String> values) {
    List<Argument.Text> texts = new ArrayList<>(values.size());
    for (String value : values) {
      texts.add(new Argument.Text(value));
    }
    return new Argument.Texts(texts);
  }
}
