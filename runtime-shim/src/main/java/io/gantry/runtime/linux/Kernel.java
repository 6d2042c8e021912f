package io.gantry.runtime.linux;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.HeapInvocationBuffer;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.LastError;
import com.kenai.jffi.Library;
import com.kenai.jffi.MemoryIO;
import com.kenai.jffi.Type;
import java.util.function.IntConsumer;

/**
 * Makes system calls: the only class that calls native code.
 *
 * <p>It goes through libc's {@code syscall}, which takes the number and six words on every
 * architecture. jffi's invoker is called directly, because the interface loader of jnr-ffi would
 * cost each shim some 100 ms and 10 MB. jffi saves errno before the thread goes back to the virtual
 * machine, which may make calls of its own. Thread-safe.
 */
final class Kernel implements IntConsumer {
  private static final Invoker INVOKER = Invoker.getInstance();
  private static final LastError ERRORS = LastError.getInstance();
  static final MemoryIO MEMORY = MemoryIO.getInstance();

  private static final int FIXED_PARAMETERS = 1;

  private final Architecture architecture = Architecture.current();
  private final long syscall;
  private final CallContext sixWords;
  private final CallContext sevenWords;
  private final CallContext oneWord;

  Kernel() {
    syscall = Library.getDefault().getSymbolAddress("syscall");
    if (syscall == 0) {
      throw new UnsupportedOperationException("no function \"syscall\" in the C library");
    }
    sixWords = words(6);
    sevenWords = words(7);
    oneWord = new CallContext(Type.SINT64, Type.SINT64);
  }

  private static CallContext words(int count) {
    Type[] types = new Type[count];
    java.util.Arrays.fill(types, Type.SINT64);
    return CallContext.getCallContext(
        Type.SINT64, FIXED_PARAMETERS, types, CallingConvention.DEFAULT, true);
  }

  /** Makes a call of up to five arguments; returns its result, or the negated errno. */
  long call(Syscall call, long a, long b, long c, long d, long e) {
    long result = INVOKER.invokeN6(sixWords, syscall, call.number(architecture), a, b, c, d, e);
    return result == -1 ? -ERRORS.get() : result;
  }

  long call(Syscall call, long a, long b, long c, long d) {
    return call(call, a, b, c, d, 0);
  }

  long call(Syscall call, long a, long b, long c) {
    return call(call, a, b, c, 0, 0);
  }

  long call(Syscall call, long a, long b) {
    return call(call, a, b, 0, 0, 0);
  }

  long call(Syscall call, long a) {
    return call(call, a, 0, 0, 0, 0);
  }

  long call(Syscall call) {
    return call(call, 0, 0, 0, 0, 0);
  }

  /** Makes a call of six arguments. */
  long call(Syscall call, long a, long b, long c, long d, long e, long f) {
    HeapInvocationBuffer words = new HeapInvocationBuffer(sevenWords);
    words.putLong(call.number(architecture));
    words.putLong(a);
    words.putLong(b);
    words.putLong(c);
    words.putLong(d);
    words.putLong(e);
    words.putLong(f);
    long result = INVOKER.invokeLong(sevenWords, syscall, words);
    return result == -1 ? -ERRORS.get() : result;
  }

  /** Calls machine code of our own. */
  long invoke(long codeAddress, long argument) {
    return INVOKER.invokeN1(oneWord, codeAddress, argument);
  }

  /** Makes a call as often as a signal interrupts it. */
  long repeat(Syscall call, long a, long b, long c, long d, long e) {
    long result;
    do {
      result = call(call, a, b, c, d, e);
    } while (result == -Errno.EINTR);
    return result;
  }

  /** A descriptor from a call's result. */
  Fd own(long result) {
    return Fd.owned((int) result, this);
  }

  /**
   * Closes a descriptor. After any error of close(2) the number is free on Linux, so none is worth
   * reporting or repeating.
   */
  @Override
  public void accept(int descriptor) {
    call(Syscall.CLOSE, descriptor);
  }

  /** The exception for a negative result. */
  static LinuxException failure(String operation, long result) {
    return new LinuxException(operation, (int) -result);
  }

  /**
   * How a message names a path: as it is, with the directory's number where that is not obvious.
   */
  static String where(Fd dir, String path) {
    if (path.isEmpty()) {
      return dir.toString();
    }
    return dir == Fd.CWD || path.charAt(0) == '/' ? path : path + " below " + dir;
  }
}
