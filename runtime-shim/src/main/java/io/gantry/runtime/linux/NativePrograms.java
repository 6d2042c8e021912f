package io.gantry.runtime.linux;

import static io.gantry.runtime.linux.Kernel.MEMORY;
import static io.gantry.runtime.linux.Kernel.failure;

import java.util.ArrayList;
import java.util.List;

/** {@link Programs} by system calls; field offsets are those of union bpf_attr (linux/bpf.h). */
final class NativePrograms implements Programs {
  private static final int BPF_PROG_LOAD = 5;
  private static final int BPF_PROG_ATTACH = 8;
  private static final int BPF_PROG_DETACH = 9;
  private static final int BPF_PROG_GET_FD_BY_ID = 13;
  private static final int BPF_PROG_QUERY = 16;

  private static final int BPF_PROG_TYPE_CGROUP_DEVICE = 15;
  private static final int BPF_CGROUP_DEVICE = 6;
  private static final int BPF_F_ALLOW_MULTI = 2;

  private static final int ATTRIBUTES_SIZE = 72;
  private static final int MAX_PROGRAMS = 64;

  private final Kernel kernel;

  NativePrograms(Kernel kernel) {
    this.kernel = kernel;
  }

  @Override
  public void setDeviceProgram(Fd cgroup, long[] instructions) throws LinuxException {
    List<Fd> before = attached(cgroup);
    try (Fd program = load(instructions)) {
      // Where several are attached all must allow, so the overlap is strict, never lax.
      change(BPF_PROG_ATTACH, cgroup, program, BPF_F_ALLOW_MULTI, "attach device program");
      for (Fd old : before) {
        change(BPF_PROG_DETACH, cgroup, old, 0, "detach former device program");
      }
    } finally {
      for (Fd old : before) {
        old.close();
      }
    }
  }

  private Fd load(long[] instructions) throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      long code = scratch.raw(instructions.length * 8);
      for (int i = 0; i < instructions.length; i++) {
        MEMORY.putLong(code + i * 8L, instructions[i]);
      }
      long attributes = scratch.zeroed(ATTRIBUTES_SIZE);
      MEMORY.putInt(attributes, BPF_PROG_TYPE_CGROUP_DEVICE);
      MEMORY.putInt(attributes + 4, instructions.length);
      MEMORY.putLong(attributes + 8, code);
      MEMORY.putLong(attributes + 16, scratch.text("Apache-2.0"));
      long result = kernel.call(Syscall.BPF, BPF_PROG_LOAD, attributes, ATTRIBUTES_SIZE);
      if (result < 0) {
        throw failure("load device program of " + instructions.length + " instructions", result);
      }
      return kernel.own(result);
    }
  }

  private void change(int command, Fd cgroup, Fd program, int flags, String operation)
      throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      long attributes = scratch.zeroed(ATTRIBUTES_SIZE);
      MEMORY.putInt(attributes, cgroup.number());
      MEMORY.putInt(attributes + 4, program.number());
      MEMORY.putInt(attributes + 8, BPF_CGROUP_DEVICE);
      MEMORY.putInt(attributes + 12, flags);
      long result = kernel.call(Syscall.BPF, command, attributes, ATTRIBUTES_SIZE);
      if (result < 0) {
        throw failure(operation, result);
      }
    }
  }

  private List<Fd> attached(Fd cgroup) throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      long ids = scratch.zeroed(MAX_PROGRAMS * 4);
      long attributes = scratch.zeroed(ATTRIBUTES_SIZE);
      MEMORY.putInt(attributes, cgroup.number());
      MEMORY.putInt(attributes + 4, BPF_CGROUP_DEVICE);
      MEMORY.putLong(attributes + 16, ids);
      MEMORY.putInt(attributes + 24, MAX_PROGRAMS);
      long result = kernel.call(Syscall.BPF, BPF_PROG_QUERY, attributes, ATTRIBUTES_SIZE);
      if (result < 0) {
        throw failure("query device programs", result);
      }
      List<Fd> programs = new ArrayList<>();
      for (int i = 0; i < MEMORY.getInt(attributes + 24); i++) {
        long wanted = scratch.zeroed(ATTRIBUTES_SIZE);
        MEMORY.putInt(wanted, MEMORY.getInt(ids + i * 4L));
        long fd = kernel.call(Syscall.BPF, BPF_PROG_GET_FD_BY_ID, wanted, ATTRIBUTES_SIZE);
        if (fd >= 0) {
          programs.add(kernel.own(fd));
        } else if (fd != -Errno.ENOENT) {
          throw failure("open device program", fd);
        }
      }
      return programs;
    }
  }
}
