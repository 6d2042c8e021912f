package io.gantry.runtime.seccomp;

import io.gantry.runtime.linux.Architecture;
import io.gantry.runtime.oci.OciSeccomp;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;

/**
 * Compiles the linux.seccomp object of the OCI runtime specification (config-linux.md, "Seccomp").
 *
 * <p>Where the specification is silent, what runtimes on libseccomp do holds here, because profiles
 * were written against them:
 *
 * <ul>
 *   <li>names that the calling mode or gantry does not know are left out;
 *   <li>the machine's own mode is always covered, further ones if the profile lists them, and calls
 *       by others kill the thread;
 *   <li>conditions that name one argument twice are alternatives, each a rule of its own;
 *   <li>where the default denies, calls numbered above all that the profile names get ENOSYS, so
 *       that programs built for newer kernels fall back as they would on an older one.
 * </ul>
 *
 * <p>Rules with conditions come before one without for the same call, in the profile's order.
 */
public final class Seccomp {
  private static final int CALL_NUMBER = 0; // struct seccomp_data, linux/seccomp.h
  private static final int AUDIT_NUMBER = 4;
  private static final long NO_CALL = 0xffffffffL;

  private static final Set<String> FOREIGN =
      Set.of(
          "LOONGARCH64",
          "M68K",
          "MIPS",
          "MIPS64",
          "MIPS64N32",
          "MIPSEL",
          "MIPSEL64",
          "MIPSEL64N32",
          "PARISC",
          "PARISC64",
          "PPC",
          "PPC64",
          "PPC64LE",
          "RISCV64",
          "S390",
          "S390X",
          "SH",
          "SHEB");

  private final OciSeccomp profile;
  private final CallingMode nativeMode;
  private final int defaultAction;
  private final SyscallTable table = SyscallTable.load();
  private final Bpf bpf = new Bpf();

  private Seccomp(OciSeccomp profile, Architecture architecture) throws SeccompException {
    this.profile = profile;
    this.nativeMode = CallingMode.nativeTo(architecture);
    this.defaultAction = Action.of(profile.defaultAction(), profile.defaultErrnoRet());
  }

  /**
   * The filter of {@code profile} on a machine of {@code architecture}.
   *
   * @throws SeccompException if a part is unknown, contradictory or not supported, such as
   *     SCMP_ACT_NOTIFY
   */
  public static SeccompFilter compile(OciSeccomp profile, Architecture architecture)
      throws SeccompException {
    if (profile.listenerPath().isPresent()) {
      throw new SeccompException(
          "listenerPath " + profile.listenerPath().get() + " is not supported by gantry");
    }
    int flags = flags(profile.flags());
    return new SeccompFilter(new Seccomp(profile, architecture).program(), flags);
  }

  private static int flags(List<String> names) throws SeccompException {
    int flags = 0;
    for (String name : names) {
      switch (name) {
        case "SECCOMP_FILTER_FLAG_TSYNC":
          flags |= 1;
          break;
        case "SECCOMP_FILTER_FLAG_LOG":
          flags |= 2;
          break;
        case "SECCOMP_FILTER_FLAG_SPEC_ALLOW":
          flags |= 4;
          break;
        case "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV":
          throw new SeccompException(name + " is for SCMP_ACT_NOTIFY, which gantry lacks");
        default:
          throw new SeccompException("unknown flag " + name);
      }
    }
    return flags;
  }

  private long[] program() throws SeccompException {
    Set<CallingMode> modes = modes();
    int place = bpf.returning(Action.KILL_THREAD);
    for (CallingMode mode : modes) {
      if (mode != CallingMode.X32) {
        CallRanges ranges = ranges(mode, modes.contains(CallingMode.X32));
        int body = bpf.load(CALL_NUMBER, ranges.emit(bpf, mode.isWide()));
        place = bpf.ifEqual(mode.auditNumber(), body, place);
      }
    }
    return bpf.program(bpf.load(AUDIT_NUMBER, place));
  }

  /** The machine's own mode last: its code comes first. */
  private Set<CallingMode> modes() throws SeccompException {
    EnumSet<CallingMode> listed = EnumSet.noneOf(CallingMode.class);
    for (String name : profile.architectures()) {
      CallingMode mode = mode(name);
      if (mode != null && mode.machine() == nativeMode.machine()) {
        listed.add(mode);
      }
    }
    listed.remove(nativeMode);
    Set<CallingMode> ordered = new java.util.LinkedHashSet<>(listed);
    ordered.add(nativeMode);
    return ordered;
  }

  private static CallingMode mode(String name) throws SeccompException {
    for (CallingMode mode : CallingMode.values()) {
      if (mode.profileName().equals(name)) {
        return mode;
      }
    }
    String prefix = "SCMP_ARCH_";
    if (name.startsWith(prefix) && FOREIGN.contains(name.substring(prefix.length()))) {
      return null; // No program of that kind runs here.
    }
    throw new SeccompException("unknown architecture " + name);
  }

  private CallRanges ranges(CallingMode mode, boolean withX32) throws SeccompException {
    CallRanges ranges = new CallRanges();
    add(ranges, mode);
    if (mode == CallingMode.X86_64) {
      if (withX32) {
        add(ranges, CallingMode.X32);
      } else {
        ranges.from(CallingMode.X32.callBit(), Decision.always(Action.KILL_THREAD));
        // A tracer that skips a call puts this number in its place; it is no call of x32.
        ranges.from(NO_CALL, Decision.always(defaultAction));
      }
    }
    return ranges;
  }

  private void add(CallRanges ranges, CallingMode mode) throws SeccompException {
    TreeMap<Integer, Decision> calls = calls(mode);
    long base = mode.callBit();
    Decision unnamed = Decision.always(defaultAction);
    ranges.from(base, unnamed);
    for (var call : calls.entrySet()) {
      ranges.from(base + call.getKey(), call.getValue());
      ranges.from(base + call.getKey() + 1, unnamed);
    }
    if (!calls.isEmpty() && !Action.permits(defaultAction)) {
      ranges.from(base + calls.lastKey() + 1, Decision.always(Action.NO_SUCH_CALL));
    }
  }

  /** The decision on every call of the mode that the profile names, by number. */
  private TreeMap<Integer, Decision> calls(CallingMode mode) throws SeccompException {
    TreeMap<Integer, CallRules> calls = new TreeMap<>();
    for (OciSeccomp.Rule rule : profile.syscalls()) {
      int action = Action.of(rule.action(), rule.errnoRet());
      List<Decision.Rule> conditional = conditional(rule, action);
      for (String name : rule.names()) {
        int number = table.number(name, mode);
        if (number != SyscallTable.ABSENT) {
          CallRules rules = calls.get(number);
          if (rules == null) {
            rules = new CallRules();
            calls.put(number, rules);
          }
          rules.add(name, conditional, action);
        }
      }
    }
    TreeMap<Integer, Decision> decisions = new TreeMap<>();
    for (var call : calls.entrySet()) {
      decisions.put(call.getKey(), call.getValue().decision());
    }
    return decisions;
  }

  private static List<Decision.Rule> conditional(OciSeccomp.Rule rule, int action)
      throws SeccompException {
    List<Condition> conditions = new ArrayList<>();
    Set<Integer> indexes = new HashSet<>();
    boolean alternatives = false;
    for (OciSeccomp.Argument argument : rule.args()) {
      Condition condition = Condition.of(argument);
      conditions.add(condition);
      alternatives |= !indexes.add(condition.index());
    }
    if (conditions.isEmpty()) {
      return List.of();
    }
    if (!alternatives) {
      return List.of(new Decision.Rule(conditions, action));
    }
    List<Decision.Rule> rules = new ArrayList<>();
    for (Condition condition : conditions) {
      rules.add(new Decision.Rule(List.of(condition), action));
    }
    return rules;
  }

  /** The rules that name one call. */
  private final class CallRules {
    private final List<Decision.Rule> conditional = new ArrayList<>();
    private OptionalInt unconditional = OptionalInt.empty();

    void add(String name, List<Decision.Rule> rules, int action) throws SeccompException {
      if (!rules.isEmpty()) {
        conditional.addAll(rules);
        return;
      }
      if (action == defaultAction) {
        return; // Says nothing new, and yields to a rule that does.
      }
      if (unconditional.isPresent() && unconditional.getAsInt() != action) {
        throw new SeccompException("two different actions for every " + name);
      }
      unconditional = OptionalInt.of(action);
    }

    Decision decision() {
      return new Decision(List.copyOf(conditional), unconditional.orElse(defaultAction));
    }
  }
}
