package io.gantry.runtime.launch;

import io.gantry.runtime.linux.Architecture;
import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.Memory;
import io.gantry.runtime.linux.NativeText;
import io.gantry.runtime.linux.Syscall;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A plan as the trampoline reads it: one block of memory with the clone call's arguments, the
 * steps, their strings and structs, and the child's stack. Addresses inside it are offsets until
 * {@link #placeIn} adds the block's own.
 */
final class LaunchImage {
  // struct launch, see trampoline-x86_64.s
  private static final int CLONE_NUMBER = 0;
  private static final int CLONE_ARGUMENTS = 8;
  private static final int FULL_SIGNALS = 48;
  static final int FAILED = 64;
  static final int CURRENT = 72;
  private static final int FIRST = 80;
  static final int PIDFD = 88;
  private static final int CLONE3_ARGUMENTS = 96;
  private static final int CLONE3_BYTES = 88;
  private static final int ACTION_DEFAULT = 192;
  private static final int ACTION_BYTES = 32;
  private static final int STEPS = 256;

  // struct step
  private static final int POINTERS = 8;
  private static final int CONSTANTS = 56;
  private static final int IGNORED = 104;
  private static final int RESULT = 112;
  static final int STEP_BYTES = 128;

  private static final int STACK_BYTES = 4096;

  private static final long CLONE_VM = 0x100;
  private static final long CLONE_VFORK = 0x4000;
  private static final long CLONE_PIDFD = 0x1000;
  private static final long CLONE_CLEAR_SIGHAND = 0x1_0000_0000L;
  private static final long CLONE_INTO_CGROUP = 0x2_0000_0000L;
  private static final int SIGCHLD = 17;
  private static final int SIGKILL = 9;
  private static final int SIGSTOP = 19;
  private static final int LAST_SIGNAL = 64;
  private static final int KERNEL_SIGSET_BYTES = 8;

  /** Which system call makes the child. */
  enum CloneCall {
    CLONE3,
    /**
     * For kernels and filters without clone3 (docker's default filter answers ENOSYS up to version
     * 20.10.9).
     */
    CLONE
  }

  private final Architecture architecture;
  private final List<Step> steps;
  private final int planStart;
  private final List<Integer> addresses = new ArrayList<>();
  private ByteBuffer bytes;

  LaunchImage(LaunchPlan plan, CloneOptions options, CloneCall call, Architecture architecture) {
    this.architecture = architecture;
    this.steps = new ArrayList<>(plan.steps().size() + LAST_SIGNAL + 3);
    boolean joinCgroupByHand = call == CloneCall.CLONE && options.cgroup().isPresent();
    if (joinCgroupByHand) {
      addJoinCgroup(options.cgroup().get().number());
    }
    int signalStart = steps.size();
    addSignalReset();
    this.planStart = steps.size();
    this.steps.addAll(plan.steps());
    this.bytes = ByteBuffer.allocate(16 * 1024).order(ByteOrder.LITTLE_ENDIAN);
    grow(STEPS + steps.size() * STEP_BYTES);
    for (int i = 0; i < steps.size(); i++) {
      boolean ours = i >= signalStart && i < planStart;
      writeStep(i, ours);
    }
    writeHead(options, call);
  }

  /** CLONE_INTO_CGROUP for a clone call without it. */
  private void addJoinCgroup(int directory) {
    steps.add(
        new Step(
            "open the cgroup's process list",
            Syscall.OPENAT,
            List.of(
                Argument.of(directory),
                Argument.of("cgroup.procs"),
                Argument.of(FileFlags.O_WRONLY | FileFlags.O_CLOEXEC)),
            List.of()));
    steps.add(
        new Step(
            "join the cgroup",
            Syscall.WRITE,
            List.of(
                new Argument.Result(0), new Argument.Bytes(new byte[] {'0'}, "0"), Argument.of(1)),
            List.of()));
  }

  /**
   * CLONE_CLEAR_SIGHAND leaves ignored signals ignored, and execve keeps them so; a container shall
   * begin with all at their defaults, as if init had started it.
   */
  private void addSignalReset() {
    for (int signal = 1; signal <= LAST_SIGNAL; signal++) {
      if (signal != SIGKILL && signal != SIGSTOP) {
        steps.add(
            new Step(
                "reset signal " + signal,
                Syscall.RT_SIGACTION,
                List.of(
                    Argument.of(signal),
                    Argument.none(),
                    Argument.none(),
                    Argument.of(KERNEL_SIGSET_BYTES)),
                List.of()));
      }
    }
  }

  private void writeStep(int index, boolean signalReset) {
    Step step = steps.get(index);
    int at = STEPS + index * STEP_BYTES;
    bytes.putLong(at, step.call().number(architecture));
    for (int i = 0; i < Step.MAX_ARGUMENTS; i++) {
      int constant = at + CONSTANTS + i * Long.BYTES;
      int pointer = at + POINTERS + i * Long.BYTES;
      Argument argument = i < step.arguments().size() ? step.arguments().get(i) : Argument.none();
      if (argument instanceof Argument.Result result) {
        int source = result.step() + (index >= planStart ? planStart : 0);
        putAddress(pointer, STEPS + source * STEP_BYTES + RESULT);
        continue;
      }
      putAddress(pointer, constant);
      writeConstant(constant, argument);
    }
    if (signalReset) {
      // All share one zeroed struct sigaction.
      putAddress(at + CONSTANTS + Long.BYTES, ACTION_DEFAULT);
    }
    for (int i = 0; i < step.ignored().size(); i++) {
      bytes.putShort(at + IGNORED + i * Short.BYTES, step.ignored().get(i).shortValue());
    }
  }

  private void writeConstant(int at, Argument argument) {
    if (argument instanceof Argument.Word word) {
      bytes.putLong(at, word.value());
    } else if (argument instanceof Argument.Text text) {
      putAddress(at, addText(text.value()));
    } else if (argument instanceof Argument.Bytes data) {
      putAddress(at, addBytes(data.value(), 0));
    } else if (argument instanceof Argument.Texts texts) {
      putAddress(at, addTexts(texts.values()));
    } else if (argument instanceof Argument.Filter filter) {
      putAddress(at, addFilter(filter.program()));
    }
  }

  private int addText(String text) {
    return addBytes(NativeText.encode(text), 1);
  }

  private int addTexts(List<Argument.Text> texts) {
    int list = grow((texts.size() + 1) * Long.BYTES);
    for (int i = 0; i < texts.size(); i++) {
      putAddress(list + i * Long.BYTES, addText(texts.get(i).value()));
    }
    return list;
  }

  /** struct sock_fprog: count of instructions, address of the first. */
  private int addFilter(byte[] program) {
    int struct = grow(16);
    bytes.putShort(struct, (short) (program.length / 8));
    putAddress(struct + 8, addBytes(program, 0));
    return struct;
  }

  private int addBytes(byte[] data, int zeros) {
    int at = grow(data.length + zeros);
    bytes.put(at, data);
    return at;
  }

  private void writeHead(CloneOptions options, CloneCall call) {
    int stack = grow(STACK_BYTES);
    Arrays.fill(bytes.array(), FULL_SIGNALS, FULL_SIGNALS + 8, (byte) 0xff);
    putAddress(FIRST, STEPS);
    bytes.putLong(PIDFD, -1);
    long flags = CLONE_VFORK | CLONE_PIDFD | options.namespaceFlags();
    if (!options.copyMemory()) {
      flags |= CLONE_VM;
    }
    if (call == CloneCall.CLONE3) {
      writeClone3(options, flags | CLONE_CLEAR_SIGHAND, stack);
      return;
    }
    bytes.putLong(CLONE_NUMBER, Syscall.CLONE.number(architecture));
    bytes.putLong(CLONE_ARGUMENTS, flags | SIGCHLD);
    // The stack grows down; 16 bytes alignment is the ABI's on both architectures.
    putAddress(CLONE_ARGUMENTS + 8, stack + STACK_BYTES & ~15);
    putAddress(CLONE_ARGUMENTS + 16, PIDFD);
  }

  /** struct clone_args (clone(2)). */
  private void writeClone3(CloneOptions options, long flags, int stack) {
    bytes.putLong(CLONE_NUMBER, Syscall.CLONE3.number(architecture));
    putAddress(CLONE_ARGUMENTS, CLONE3_ARGUMENTS);
    bytes.putLong(CLONE_ARGUMENTS + 8, CLONE3_BYTES);
    putAddress(CLONE3_ARGUMENTS + 8, PIDFD);
    bytes.putLong(CLONE3_ARGUMENTS + 32, SIGCHLD);
    putAddress(CLONE3_ARGUMENTS + 40, stack);
    bytes.putLong(CLONE3_ARGUMENTS + 48, STACK_BYTES);
    if (options.cgroup().isPresent()) {
      bytes.putLong(CLONE3_ARGUMENTS, flags | CLONE_INTO_CGROUP);
      bytes.putLong(CLONE3_ARGUMENTS + 80, options.cgroup().get().number());
    } else {
      bytes.putLong(CLONE3_ARGUMENTS, flags);
    }
  }

  /**
   * Makes room for {@code size} zeroed bytes at the end, aligned to 8, and returns their offset.
   */
  private int grow(int size) {
    int at = bytes.position() + 7 & ~7;
    int end = Math.addExact(at, size);
    if (end > bytes.capacity()) {
      int capacity = Math.max(end, Math.multiplyExact(bytes.capacity(), 2));
      bytes =
          ByteBuffer.wrap(Arrays.copyOf(bytes.array(), capacity)).order(ByteOrder.LITTLE_ENDIAN);
    }
    bytes.position(end);
    return at;
  }

  private void putAddress(int at, int offset) {
    bytes.putLong(at, offset);
    addresses.add(at);
  }

  int sizeBytes() {
    return bytes.position();
  }

  /**
   * Copies the image into {@code memory}, which begins where the image's addresses shall count
   * from.
   */
  void placeIn(Memory.Mapping memory) {
    byte[] image = Arrays.copyOf(bytes.array(), bytes.position());
    ByteBuffer placed = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
    for (int at : addresses) {
      placed.putLong(at, placed.getLong(at) + memory.address());
    }
    memory.put(0, image);
  }

  /**
   * Where the child stands, by the address it keeps in CURRENT: an index into the steps, or -1
   * before the first.
   */
  int currentStep(Memory.Mapping memory) {
    long address = memory.getLong(CURRENT);
    return address == 0 ? -1 : (int) (address - memory.address() - STEPS) / STEP_BYTES;
  }

  Step step(int index) {
    return steps.get(index);
  }

  /** The errno of a step that failed; 0 if it did not. */
  int errno(Memory.Mapping memory, int index) {
    long result = memory.getLong(STEPS + index * STEP_BYTES + RESULT);
    return result < 0 && result >= -4095 ? (int) -result : 0;
  }

  /** What to report for the failed step {@code index}: for a search, what execvp(3) would. */
  LaunchException failure(Memory.Mapping memory, int index) {
    Step failed = steps.get(index);
    if (!failed.isExecute()) {
      return new LaunchException(failed.name(), errno(memory, index), false);
    }
    List<String> tried = new ArrayList<>();
    for (int i = index; i >= planStart && steps.get(i).isExecute(); i--) {
      if (errno(memory, i) == Errno.EACCES) {
        return new LaunchException(steps.get(i).name(), Errno.EACCES, true);
      }
      tried.add(
          0, steps.get(i).arguments().get(0) instanceof Argument.Text path ? path.value() : "");
    }
    String name = tried.size() == 1 ? failed.name() : search(tried);
    return new LaunchException(name, errno(memory, index), true);
  }

  /** "find sh in /usr/bin:/bin" from the paths that were tried. */
  private static String search(List<String> tried) {
    StringBuilder directories = new StringBuilder();
    String program = "";
    for (String path : tried) {
      int slash = path.lastIndexOf('/');
      program = path.substring(slash + 1);
      directories.append(directories.length() == 0 ? "" : ":").append(path, 0, slash);
    }
    return "find " + program + " in " + directories;
  }
}
