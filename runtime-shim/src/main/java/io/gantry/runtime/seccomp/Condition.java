package io.gantry.runtime.seccomp;

import io.gantry.runtime.oci.OciSeccomp;

/** A condition on one argument of a call, and its code. Comparisons are unsigned. */
record Condition(int index, Operator operator, long value, long valueTwo) {
  /**
   * args of struct seccomp_data (linux/seccomp.h), 8 bytes each, the low word first on
   * little-endian machines.
   */
  private static final int ARGUMENTS = 16;

  enum Operator {
    EQUAL,
    NOT_EQUAL,
    LESS,
    LESS_OR_EQUAL,
    GREATER,
    GREATER_OR_EQUAL,
    MASKED_EQUAL
  }

  static Condition of(OciSeccomp.Argument argument) throws SeccompException {
    if (argument.index() < 0 || argument.index() > 5) {
      throw new SeccompException("argument " + argument.index() + ", which is not 0 to 5");
    }
    return new Condition(
        argument.index(), operator(argument.op()), argument.value(), argument.valueTwo());
  }

  private static Operator operator(String name) throws SeccompException {
    switch (name) {
      case "SCMP_CMP_EQ":
        return Operator.EQUAL;
      case "SCMP_CMP_NE":
        return Operator.NOT_EQUAL;
      case "SCMP_CMP_LT":
        return Operator.LESS;
      case "SCMP_CMP_LE":
        return Operator.LESS_OR_EQUAL;
      case "SCMP_CMP_GT":
        return Operator.GREATER;
      case "SCMP_CMP_GE":
        return Operator.GREATER_OR_EQUAL;
      case "SCMP_CMP_MASKED_EQ":
        return Operator.MASKED_EQUAL;
      default:
        throw new SeccompException("unknown comparison " + name);
    }
  }

  /** Adds code that goes to one of two places, and returns where it begins. */
  int emit(Bpf bpf, boolean wide, int then, int otherwise) {
    switch (operator) {
      case EQUAL:
        return equal(bpf, wide, -1L, value, then, otherwise);
      case NOT_EQUAL:
        return equal(bpf, wide, -1L, value, otherwise, then);
      case MASKED_EQUAL:
        return equal(bpf, wide, value, valueTwo, then, otherwise);
      case GREATER:
        return above(bpf, wide, false, then, otherwise);
      case GREATER_OR_EQUAL:
        return above(bpf, wide, true, then, otherwise);
      case LESS:
        return above(bpf, wide, true, otherwise, then);
      case LESS_OR_EQUAL:
        return above(bpf, wide, false, otherwise, then);
    }
    throw new AssertionError(operator);
  }

  private int equal(Bpf bpf, boolean wide, long mask, long wanted, int then, int otherwise) {
    int place = equalWord(bpf, low(), (int) mask, (int) wanted, then, otherwise);
    if (wide) {
      place = equalWord(bpf, high(), (int) (mask >>> 32), (int) (wanted >>> 32), place, otherwise);
    }
    return place;
  }

  private static int equalWord(Bpf bpf, int offset, int mask, int wanted, int then, int otherwise) {
    int place = bpf.ifEqual(wanted, then, otherwise);
    if (mask != -1) {
      place = bpf.and(mask, place);
    }
    return bpf.load(offset, place);
  }

  private int above(Bpf bpf, boolean wide, boolean orEqual, int then, int otherwise) {
    int word = (int) value;
    int place =
        orEqual
            ? bpf.ifGreaterOrEqual(word, then, otherwise)
            : bpf.ifGreater(word, then, otherwise);
    place = bpf.load(low(), place);
    if (wide) {
      int high = (int) (value >>> 32);
      place = bpf.ifEqual(high, place, otherwise);
      place = bpf.load(high(), bpf.ifGreater(high, then, place));
    }
    return place;
  }

  private int low() {
    return ARGUMENTS + 8 * index;
  }

  private int high() {
    return low() + 4;
  }
}
