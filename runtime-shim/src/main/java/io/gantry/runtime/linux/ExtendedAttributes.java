package io.gantry.runtime.linux;

import static io.gantry.runtime.linux.Kernel.MEMORY;
import static io.gantry.runtime.linux.Kernel.failure;
import static io.gantry.runtime.linux.Kernel.where;

import java.util.ArrayList;
import java.util.List;

/**
 * Extended attributes of a file below a directory.
 *
 * <p>The calls that take a directory came with kernel 6.13 only. A path through /proc/self/fd does
 * the same on every kernel: the magic link leads to the very directory, and the l-variants do not
 * follow the last component. The f-variants refuse O_PATH descriptors.
 */
final class ExtendedAttributes {
  private static final int FIRST_TRY_BYTES = 512;
  private static final int MAX_BYTES = 65536; // XATTR_SIZE_MAX and XATTR_LIST_MAX, linux/limits.h

  private final Kernel kernel;

  ExtendedAttributes(Kernel kernel) {
    this.kernel = kernel;
  }

  void set(Fd dir, String path, String name, byte[] value, int flags) throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      Syscall call = path.isEmpty() ? Syscall.SETXATTR : Syscall.LSETXATTR;
      long result =
          kernel.call(
              call,
              scratch.text(reach(dir, path)),
              scratch.text(name),
              scratch.bytes(value),
              value.length,
              flags);
      if (result < 0) {
        throw failure("set attribute " + name + " of " + where(dir, path), result);
      }
    }
  }

  byte[] get(Fd dir, String path, String name) throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      Syscall call = path.isEmpty() ? Syscall.GETXATTR : Syscall.LGETXATTR;
      long file = scratch.text(reach(dir, path));
      long attribute = scratch.text(name);
      int capacity = FIRST_TRY_BYTES;
      long memory = scratch.raw(capacity);
      long result = kernel.call(call, file, attribute, memory, capacity);
      if (result == -Errno.ERANGE) {
        capacity = MAX_BYTES;
        memory = scratch.raw(capacity);
        result = kernel.call(call, file, attribute, memory, capacity);
      }
      if (result < 0) {
        throw failure("get attribute " + name + " of " + where(dir, path), result);
      }
      return copy(memory, result);
    }
  }

  List<String> list(Fd dir, String path) throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      Syscall call = path.isEmpty() ? Syscall.LISTXATTR : Syscall.LLISTXATTR;
      long file = scratch.text(reach(dir, path));
      int capacity = FIRST_TRY_BYTES;
      long memory = scratch.raw(capacity);
      long result = kernel.call(call, file, memory, capacity);
      if (result == -Errno.ERANGE) {
        capacity = MAX_BYTES;
        memory = scratch.raw(capacity);
        result = kernel.call(call, file, memory, capacity);
      }
      if (result < 0) {
        throw failure("list attributes of " + where(dir, path), result);
      }
      return split(copy(memory, result));
    }
  }

  void remove(Fd dir, String path, String name) throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      Syscall call = path.isEmpty() ? Syscall.REMOVEXATTR : Syscall.LREMOVEXATTR;
      long result = kernel.call(call, scratch.text(reach(dir, path)), scratch.text(name));
      if (result < 0) {
        throw failure("remove attribute " + name + " of " + where(dir, path), result);
      }
    }
  }

  private static String reach(Fd dir, String path) {
    if (!path.isEmpty() && (dir == Fd.CWD || path.charAt(0) == '/')) {
      return path;
    }
    String directory = "/proc/self/fd/" + dir.number();
    return path.isEmpty() ? directory : directory + "/" + path;
  }

  private static byte[] copy(long memory, long length) {
    byte[] bytes = new byte[(int) length];
    MEMORY.getByteArray(memory, bytes, 0, bytes.length);
    return bytes;
  }

  private static List<String> split(byte[] names) {
    List<String> list = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < names.length; i++) {
      if (names[i] == 0) {
        list.add(NativeText.decode(names, start, i - start));
        start = i + 1;
      }
    }
    return list;
  }
}
