package io.gantry.runtime.linux.cgroup;

import io.gantry.runtime.oci.OciDeviceRule;
import java.util.ArrayList;
import java.util.List;

/**
 * Device rules as a BPF program of type BPF_PROG_TYPE_CGROUP_DEVICE, as v2 has no device files.
 *
 * <p>The program keeps the allowed accesses as a mask, starts with all of them as a new v1 cgroup
 * does, lets every rule that fits add or take away its own, and at the end lets pass what asks for
 * nothing outside the mask. Instructions are 64 bits each, see the kernel's bpf/instruction-set
 * document: opcode, destination and source register, offset, immediate.
 */
final class DeviceProgram {
  private static final int MKNOD = 1;
  private static final int READ = 2;
  private static final int WRITE = 4;
  private static final int ALL = MKNOD | READ | WRITE;

  private static final int BLOCK = 1;
  private static final int CHARACTER = 2;

  /** LDX | MEM | W: dst = *(u32 *)(src + offset). */
  private static final int LOAD_WORD = 0x61;

  private static final int MOVE_IMMEDIATE = 0xb4;
  private static final int MOVE_REGISTER = 0xbc;
  private static final int AND_IMMEDIATE = 0x54;
  private static final int AND_REGISTER = 0x5c;
  private static final int OR_IMMEDIATE = 0x44;
  private static final int XOR_IMMEDIATE = 0xa4;
  private static final int SHIFT_RIGHT_IMMEDIATE = 0x74;
  private static final int JUMP_NOT_EQUAL = 0x56;
  private static final int EXIT = 0x95;

  /** struct bpf_cgroup_dev_ctx: u32 access_type, major, minor. */
  private static final int ACCESS_OFFSET = 0;

  private static final int MAJOR_OFFSET = 4;
  private static final int MINOR_OFFSET = 8;

  private static final int RESULT = 0;
  private static final int CONTEXT = 1;
  private static final int KIND = 2;
  private static final int ACCESS = 3;
  private static final int MAJOR = 4;
  private static final int MINOR = 5;
  private static final int MASK = 6;

  private final List<Long> code = new ArrayList<>();

  private DeviceProgram() {}

  static long[] of(List<OciDeviceRule> rules) {
    DeviceProgram program = new DeviceProgram();
    program.prologue();
    for (OciDeviceRule rule : rules) {
      program.rule(rule);
    }
    program.epilogue();
    long[] instructions = new long[program.code.size()];
    for (int i = 0; i < instructions.length; i++) {
      instructions[i] = program.code.get(i);
    }
    return instructions;
  }

  private void prologue() {
    emit(LOAD_WORD, KIND, CONTEXT, ACCESS_OFFSET, 0);
    emit(MOVE_REGISTER, ACCESS, KIND, 0, 0);
    emit(AND_IMMEDIATE, KIND, 0, 0, 0xffff);
    emit(SHIFT_RIGHT_IMMEDIATE, ACCESS, 0, 0, 16);
    emit(LOAD_WORD, MAJOR, CONTEXT, MAJOR_OFFSET, 0);
    emit(LOAD_WORD, MINOR, CONTEXT, MINOR_OFFSET, 0);
    emit(MOVE_IMMEDIATE, MASK, 0, 0, ALL);
  }

  private void rule(OciDeviceRule rule) {
    boolean typed = rule.type() != 'a';
    int skip = 1;
    skip += typed && rule.minor().isPresent() ? 1 : 0;
    skip += typed && rule.major().isPresent() ? 1 : 0;
    if (typed) {
      emit(JUMP_NOT_EQUAL, KIND, 0, skip--, rule.type() == 'b' ? BLOCK : CHARACTER);
      if (rule.major().isPresent()) {
        emit(JUMP_NOT_EQUAL, MAJOR, 0, skip--, (int) rule.major().getAsLong());
      }
      if (rule.minor().isPresent()) {
        emit(JUMP_NOT_EQUAL, MINOR, 0, skip, (int) rule.minor().getAsLong());
      }
    }
    int accesses = typed ? mask(rule.access()) : ALL;
    if (rule.allow()) {
      emit(OR_IMMEDIATE, MASK, 0, 0, accesses);
    } else {
      emit(AND_IMMEDIATE, MASK, 0, 0, ALL & ~accesses);
    }
  }

  private static int mask(String access) {
    int mask = 0;
    for (int i = 0; i < access.length(); i++) {
      char letter = access.charAt(i);
      mask |= letter == 'r' ? READ : letter == 'w' ? WRITE : MKNOD;
    }
    return mask;
  }

  private void epilogue() {
    emit(XOR_IMMEDIATE, MASK, 0, 0, ALL);
    emit(AND_REGISTER, ACCESS, MASK, 0, 0);
    emit(MOVE_IMMEDIATE, RESULT, 0, 0, 0);
    emit(JUMP_NOT_EQUAL, ACCESS, 0, 1, 0);
    emit(MOVE_IMMEDIATE, RESULT, 0, 0, 1);
    emit(EXIT, 0, 0, 0, 0);
  }

  private void emit(int opcode, int destination, int source, int offset, int immediate) {
    code.add(
        (opcode & 0xffL)
            | (long) (destination | source << 4) << 8
            | (offset & 0xffffL) << 16
            | (immediate & 0xffff_ffffL) << 32);
  }
}
