package io.gantry.cri.status;

import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Events;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.Files;
import io.gantry.runtime.linux.Host;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.Memory;
import io.gantry.runtime.linux.Mounts;
import io.gantry.runtime.linux.Namespaces;
import io.gantry.runtime.linux.Network;
import io.gantry.runtime.linux.Processes;
import io.gantry.runtime.linux.Programs;
import io.gantry.runtime.linux.Syscall;
import io.gantry.runtime.linux.Terminals;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** A kernel that has all that it is asked for, except what a test takes away. */
final class OldKernel {
  private final Map<String, Integer> refused = new HashMap<>();
  private final EnumSet<Syscall> calls = EnumSet.allOf(Syscall.class);
  private Host.KernelVersion version = new Host.KernelVersion(6, 1, "6.1.0-test");

  OldKernel() {
    // What a kernel with filters says to one at address 0.
    refuse("prctl", Errno.EFAULT);
  }

  /** Takes a system call away: the kernel answers ENOSYS. */
  OldKernel without(Syscall... missing) {
    for (Syscall call : missing) {
      calls.remove(call);
    }
    return this;
  }

  /** Answers every call of a method with an errno. */
  OldKernel refuse(String method, int errno) {
    refused.put(method, errno);
    return this;
  }

  OldKernel version(int major, int minor) {
    version = new Host.KernelVersion(major, minor, major + "." + minor + ".0-test");
    return this;
  }

  Set<Syscall> calls() {
    return calls;
  }

  Linux linux() {
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

  private <T> T fake(Class<T> family) {
    return family.cast(
        Proxy.newProxyInstance(
            family.getClassLoader(),
            new Class<?>[] {family},
            (proxy, method, arguments) -> answer(method)));
  }

  private Object answer(Method method) throws LinuxException {
    Integer errno = refused.get(method.getName());
    if (errno != null) {
      throw new LinuxException(method.getName(), errno);
    }
    if (method.getReturnType() == Fd.class) {
      return Linux.open().files().open(Fd.CWD, "/dev/null", FileFlags.O_RDONLY, 0);
    }
    if (method.getReturnType() == int.class) {
      return 0;
    }
    return switch (method.getName()) {
      case "newerCalls" -> Set.copyOf(calls);
      case "kernel" -> version;
      default -> null;
    };
  }
}
