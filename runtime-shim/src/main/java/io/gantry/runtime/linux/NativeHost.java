package io.gantry.runtime.linux;

import static io.gantry.runtime.linux.Kernel.MEMORY;
import static io.gantry.runtime.linux.Kernel.failure;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** {@link Host} by uname(2) and /proc/sys. */
final class NativeHost implements Host {
  private static final int FIELD_BYTES = 65;

  /** One read gives one record, and fails if it does not fit (the kernel's PRINTK_MESSAGE_MAX). */
  private static final int RECORD_BYTES = 16 << 10;

  private static final int NODE_NAME = 1;
  private static final int RELEASE = 2;

  private static final Set<Syscall> NEWER =
      EnumSet.of(
          Syscall.OPEN_TREE,
          Syscall.MOVE_MOUNT,
          Syscall.FSOPEN,
          Syscall.PIDFD_OPEN,
          Syscall.CLONE3,
          Syscall.CLOSE_RANGE,
          Syscall.OPENAT2,
          Syscall.MOUNT_SETATTR);

  private final Kernel kernel;
  private final Files files;

  NativeHost(Kernel kernel, Files files) {
    this.kernel = kernel;
    this.files = files;
  }

  @Override
  public KernelVersion kernel() throws LinuxException {
    return parse(name(RELEASE, "ask for the kernel's version"));
  }

  @Override
  public String hostName() throws LinuxException {
    return name(NODE_NAME, "ask for the host name");
  }

  private String name(int field, String operation) throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      long names = scratch.zeroed(6 * FIELD_BYTES);
      long result = kernel.call(Syscall.UNAME, names);
      if (result < 0) {
        throw failure(operation, result);
      }
      return NativeText.decode(
          MEMORY.getZeroTerminatedByteArray(names + (long) field * FIELD_BYTES));
    }
  }

  @Override
  public List<String> kernelMessages() throws LinuxException {
    List<String> messages = new ArrayList<>();
    byte[] buffer = new byte[RECORD_BYTES];
    try (Fd log = files.open(Fd.CWD, "/dev/kmsg", FileFlags.O_RDONLY | FileFlags.O_NONBLOCK, 0)) {
      while (true) {
        try {
          int length = files.read(log, buffer, 0, buffer.length);
          messages.add(message(new String(buffer, 0, length, StandardCharsets.UTF_8)));
        } catch (LinuxException e) {
          if (e.errno() == Errno.EAGAIN) {
            return messages;
          }
          if (e.errno() != Errno.EPIPE) { // What was next has been overwritten meanwhile.
            throw e;
          }
        }
      }
    }
  }

  /** A record is "priority,number,time,flags;message\n" and then lines of keys and values. */
  private static String message(String record) {
    int begin = record.indexOf(';') + 1;
    int end = record.indexOf('\n', begin);
    return record.substring(begin, end < 0 ? record.length() : end);
  }

  @Override
  public Optional<String> blockDevice(long major, long minor) throws LinuxException {
    String properties;
    try {
      properties = files.readText("/sys/dev/block/" + major + ":" + minor + "/uevent");
    } catch (LinuxException e) {
      if (e.errno() == Errno.ENOENT) {
        return Optional.empty();
      }
      throw e;
    }
    for (String line : properties.split("\n")) {
      if (line.startsWith("DEVNAME=")) {
        return Optional.of(line.substring("DEVNAME=".length()));
      }
    }
    return Optional.empty();
  }

  @Override
  public Set<Syscall> newerCalls() {
    EnumSet<Syscall> present = EnumSet.noneOf(Syscall.class);
    for (Syscall each : NEWER) {
      // Each refuses a descriptor or address of -1, or a structure of size 0, before it does
      // anything.
      if (kernel.call(each, -1) != -Errno.ENOSYS) {
        present.add(each);
      }
    }
    return present;
  }

  @Override
  public int lastCapability() throws IOException {
    return Integer.parseInt(files.readText("/proc/sys/kernel/cap_last_cap").strip());
  }

  @Override
  public String bootId() throws LinuxException {
    return files.readText("/proc/sys/kernel/random/boot_id").strip();
  }

  @Override
  public void setSysctl(String name, String value) throws LinuxException {
    try (Fd file = files.open(Fd.CWD, sysctlPath(name), FileFlags.O_WRONLY, 0)) {
      // The kernel takes a parameter's value from one write only.
      files.write(file, bytes(value), 0, bytes(value).length);
    } catch (LinuxException e) {
      throw new LinuxException("set sysctl " + name + " to \"" + value + "\"", e.errno());
    }
  }

  private static byte[] bytes(String value) {
    return value.getBytes(StandardCharsets.UTF_8);
  }

  /** sysctl(8): the first separator found tells which of the two characters separates. */
  static String sysctlPath(String name) {
    int dot = name.indexOf('.');
    int slash = name.indexOf('/');
    boolean dotted = dot >= 0 && (slash < 0 || dot < slash);
    String path = dotted ? swapped(name) : name;
    for (String part : path.split("/", -1)) {
      if (part.isEmpty() || part.equals(".") || part.equals("..") || part.indexOf('\0') >= 0) {
        throw new IllegalArgumentException("\"" + name + "\" is no sysctl");
      }
    }
    return "/proc/sys/" + path;
  }

  /** In a dotted name a slash stands for a dot of the part: net.ipv4.conf.eth0/100.forwarding. */
  private static String swapped(String name) {
    StringBuilder path = new StringBuilder(name.length());
    for (char c : name.toCharArray()) {
      path.append(c == '.' ? '/' : c == '/' ? '.' : c);
    }
    return path.toString();
  }

  static KernelVersion parse(String release) {
    int dot = release.indexOf('.');
    int major = dot < 0 ? 0 : Integer.parseInt(release.substring(0, dot));
    int end = dot + 1;
    while (end < release.length() && Character.isDigit(release.charAt(end))) {
      end++;
    }
    int minor = end == dot + 1 ? 0 : Integer.parseInt(release.substring(dot + 1, end));
    return new KernelVersion(major, minor, release);
  }
}
