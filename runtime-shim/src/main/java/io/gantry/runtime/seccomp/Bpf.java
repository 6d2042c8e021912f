package io.gantry.runtime.seccomp;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Builds a classic BPF program (linux/bpf_common.h) from its end to its beginning, so that every
 * jump's target is known when the jump is made. A place in the program is named by its distance
 * from the end.
 *
 * <p>Conditional jumps reach 255 instructions; where a target is further, an unconditional jump or
 * a second return is put between.
 */
final class Bpf {
  private static final int LOAD_WORD = 0x20; // BPF_LD | BPF_W | BPF_ABS
  private static final int JUMP = 0x05;
  private static final int JUMP_IF_EQUAL = 0x15;
  private static final int JUMP_IF_GREATER = 0x25;
  private static final int JUMP_IF_GREATER_OR_EQUAL = 0x35;
  private static final int AND = 0x54;
  private static final int RETURN = 0x06;
  private static final int REACH = 255;

  /** The kernel's limit, BPF_MAXINSNS. */
  private static final int MAX_INSTRUCTIONS = 4096;

  private long[] reversed = new long[256];
  private int length;

  /** Where each value is returned, nearest to the beginning. */
  private final Map<Integer, Integer> returns = new HashMap<>();

  /** A place that returns {@code value}, near enough for a jump from here. */
  int returning(int value) {
    Integer known = returns.get(value);
    if (known != null && length - known < REACH - 4) {
      return known;
    }
    int place = add(RETURN, 0, 0, value);
    returns.put(value, place);
    return place;
  }

  /** Loads a word of struct seccomp_data, then goes on at {@code next}. */
  int load(int offset, int next) {
    before(next);
    return add(LOAD_WORD, 0, 0, offset);
  }

  /** Masks the loaded word, then goes on at {@code next}. */
  int and(int mask, int next) {
    before(next);
    return add(AND, 0, 0, mask);
  }

  int ifEqual(int value, int then, int otherwise) {
    return branch(JUMP_IF_EQUAL, value, then, otherwise);
  }

  /** Compares unsigned, as all comparisons of BPF. */
  int ifGreater(int value, int then, int otherwise) {
    return branch(JUMP_IF_GREATER, value, then, otherwise);
  }

  int ifGreaterOrEqual(int value, int then, int otherwise) {
    return branch(JUMP_IF_GREATER_OR_EQUAL, value, then, otherwise);
  }

  private int branch(int code, int value, int then, int otherwise) {
    if (then == otherwise) {
      return then;
    }
    // The jump put between for one target moves the other away by one.
    int nearThen = near(then, 1);
    int nearOtherwise = near(otherwise, 0);
    return add(code, length - nearThen, length - nearOtherwise, value);
  }

  private int near(int place, int spare) {
    return length - place + spare <= REACH ? place : add(JUMP, 0, 0, length - place);
  }

  /** Makes {@code place} the one that execution falls into from whatever is added next. */
  private void before(int place) {
    if (place != length) {
      add(JUMP, 0, 0, length - place);
    }
  }

  /** Returns the new instruction's place. */
  private int add(int code, int then, int otherwise, int value) {
    if (length == reversed.length) {
      reversed = Arrays.copyOf(reversed, 2 * length);
    }
    reversed[length++] = code | (long) then << 16 | (long) otherwise << 24 | (long) value << 32;
    return length;
  }

  /** The program that begins at {@code first}. */
  long[] program(int first) throws SeccompException {
    before(first);
    if (length > MAX_INSTRUCTIONS) {
      throw new SeccompException(
          "needs " + length + " instructions, more than the kernel's " + MAX_INSTRUCTIONS);
    }
    long[] program = new long[length];
    for (int i = 0; i < length; i++) {
      program[i] = reversed[length - 1 - i];
    }
    return program;
  }
}
