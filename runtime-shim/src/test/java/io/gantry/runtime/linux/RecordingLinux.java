package io.gantry.runtime.linux;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A kernel that only writes down what it is asked, so that order and arguments of system calls are
 * tested without root; and that fails the nth call, or every call of one name, with a chosen errno.
 *
 * <p>Calls are recorded as {@code mount(proc, /proc, proc, 14, null)}. Calls that return a
 * descriptor return a fresh one, numbered from 100, whose closing is recorded as {@code
 * close(100)}; others return zero, emptiness, or what {@link #answer} set. Not thread-safe.
 */
public final class RecordingLinux {
  private static final int FIRST_DESCRIPTOR = 100;

  private final List<String> calls = new ArrayList<>();
  private final Map<String, Object> answers = new HashMap<>();
  private final Map<String, Integer> failures = new HashMap<>();
  private int failingCall = -1;
  private int failingErrno;
  private int nextDescriptor = FIRST_DESCRIPTOR;

  /** The kernel to hand to what is tested. */
  public Linux linux() {
    return new Linux(
        fake(Files.class),
        fake(Mounts.class),
        fake(Namespaces.class),
        fake(Processes.class),
        fake(Terminals.class),
        fake(Network.class),
        fake(Events.class),
        fake(Host.class),
        fake(Memory.class),
        fake(Programs.class));
  }

  /** What was asked so far, failed calls included. */
  public List<String> calls() {
    return List.copyOf(calls);
  }

  /** Fails the call with this place in {@link #calls()}, from 0 on. */
  public RecordingLinux failCall(int index, int errno) {
    failingCall = index;
    failingErrno = errno;
    return this;
  }

  /** Fails every call of a method. */
  public RecordingLinux failAll(String method, int errno) {
    failures.put(method, errno);
    return this;
  }

  /** What every call of a method returns. */
  public RecordingLinux answer(String method, Object value) {
    answers.put(method, value);
    return this;
  }

  private <T> T fake(Class<T> family) {
    return family.cast(
        Proxy.newProxyInstance(
            family.getClassLoader(),
            new Class<?>[] {family},
            (proxy, method, arguments) -> call(method, arguments)));
  }

  private Object call(Method method, Object[] arguments) throws Throwable {
    if (method.getDeclaringClass() == Object.class) {
      try {
        return method.invoke(this, arguments);
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
    }
    int index = calls.size();
    String call = method.getName() + shown(arguments);
    calls.add(call);
    if (index == failingCall) {
      throw new LinuxException(call, failingErrno);
    }
    Integer errno = failures.get(method.getName());
    if (errno != null) {
      throw new LinuxException(call, errno);
    }
    if (answers.containsKey(method.getName())) {
      return answers.get(method.getName());
    }
    return nothing(method.getReturnType());
  }

  private static String shown(Object[] arguments) {
    if (arguments == null) {
      return "()";
    }
    StringBuilder out = new StringBuilder("(");
    for (Object argument : arguments) {
      out.append(out.length() == 1 ? "" : ", ");
      if (argument instanceof byte[] bytes) {
        out.append(Arrays.toString(bytes));
      } else {
        out.append(argument);
      }
    }
    return out.append(')').toString();
  }

  private Object nothing(Class<?> type) {
    if (type == Fd.class) {
      return descriptor();
    }
    if (type == Pipe.class) {
      return new Pipe(descriptor(), descriptor());
    }
    if (type == int.class) {
      return 0;
    }
    if (type == long.class) {
      return 0L;
    }
    if (type == String.class) {
      return "";
    }
    if (type == List.class) {
      return List.of();
    }
    if (type == java.util.Set.class) {
      return java.util.Set.of();
    }
    if (type == Optional.class) {
      return Optional.empty();
    }
    if (type == OptionalLong.class) {
      return OptionalLong.empty();
    }
    if (type == byte[].class) {
      return new byte[0];
    }
    return null;
  }

  private Fd descriptor() {
    return Fd.owned(nextDescriptor++, number -> calls.add("close(" + number + ")"));
  }
}
