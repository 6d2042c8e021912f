package io.gantry.runtime.launch;

import java.util.List;
import java.util.Objects;

/**
 * One argument of a step's system call, as data; it becomes a word, or the address of native
 * memory, at launch.
 */
public sealed interface Argument {

  /** The argument as strace would print it. */
  String shown();

  /** A number, flag set or descriptor. */
  static Argument of(long value) {
    return new Word(value, Long.toString(value));
  }

  /** A number that has a better look than its digits, such as {@code MS_BIND|MS_REC}. */
  static Argument of(long value, String shown) {
    return new Word(value, shown);
  }

  /** The null pointer. */
  static Argument none() {
    return Word.NULL;
  }

  /** The address of a zero-terminated string; the null pointer for {@code null}. */
  static Argument of(String text) {
    return text == null ? Word.NULL : new Text(text);
  }

  /** A word that is passed as it is. */
  record Word(long value, String shown) implements Argument {
    static final Word NULL = new Word(0, "NULL");
  }

  /** The address of a zero-terminated string. */
  record Text(String value) implements Argument {
    public Text {
      if (value.indexOf('\0') >= 0) {
        // The kernel would act on a shorter string than the one that was checked.
        throw new IllegalArgumentException("zero byte in \"" + value.replace("\0", "\\0") + "\"");
      }
    }

    @Override
    public String shown() {
      return "\"" + value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
    }
  }

  /** The address of a struct or buffer, which the call may read and write. */
  final class Bytes implements Argument {
    private final byte[] value;
    private final String shown;

    /** Takes {@code value} over: it must not change afterwards. */
    Bytes(byte[] value, String shown) {
      this.value = value;
      this.shown = shown;
    }

    byte[] value() {
      return value;
    }

    @Override
    public String shown() {
      return shown;
    }
  }

  /** The address of a null-terminated list of addresses of strings, as execve(2) takes it. */
  record Texts(List<Text> values) implements Argument {
    public Texts {
      values = List.copyOf(values);
    }

    @Override
    public String shown() {
      StringBuilder out = new StringBuilder("[");
      for (Text value : values) {
        out.append(out.length() == 1 ? "" : ", ").append(value.shown());
      }
      return out.append(']').toString();
    }
  }

  /** The address of a struct sock_fprog with a BPF program (seccomp(2)). */
  final class Filter implements Argument {
    private final byte[] program;

    Filter(byte[] program) {
      if (program.length == 0 || program.length % 8 != 0 || program.length / 8 > 4096) {
        // BPF_MAXINSNS, linux/bpf_common.h
        throw new IllegalArgumentException("a BPF program of " + program.length + " bytes");
      }
      this.program = program;
    }

    byte[] program() {
      return program;
    }

    @Override
    public String shown() {
      return "{len=" + program.length / 8 + "}";
    }
  }

  /** The result of an earlier step. */
  record Result(int step) implements Argument {
    public Result {
      Objects.checkIndex(step, Integer.MAX_VALUE);
    }

    @Override
    public String shown() {
      return "$" + step;
    }
  }
}
