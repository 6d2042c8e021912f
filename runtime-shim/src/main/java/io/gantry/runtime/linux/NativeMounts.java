package io.gantry.runtime.linux;

import static io.gantry.runtime.linux.Kernel.MEMORY;
import static io.gantry.runtime.linux.Kernel.failure;
import static io.gantry.runtime.linux.Kernel.where;

import java.io.IOException;
import java.util.List;

/** {@link Mounts} by system calls. */
final class NativeMounts implements Mounts {
  private static final int FSOPEN_CLOEXEC = 1;
  private static final int FSPICK_CLOEXEC = 1;
  private static final int FSMOUNT_CLOEXEC = 1;
  private static final int FSCONFIG_SET_FLAG = 0;
  private static final int FSCONFIG_SET_STRING = 1;
  private static final int FSCONFIG_SET_FD = 5;
  private static final int FSCONFIG_CMD_CREATE = 6;
  private static final int FSCONFIG_CMD_RECONFIGURE = 7;

  private final Kernel kernel;
  private final Files files;

  NativeMounts(Kernel kernel, Files files) {
    this.kernel = kernel;
    this.files = files;
  }

  @Override
  public void mount(String source, String target, String type, long flags, String data)
      throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      long result =
          kernel.call(
              Syscall.MOUNT,
              scratch.text(source),
              scratch.text(target),
              scratch.text(type),
              flags,
              scratch.text(data));
      if (result < 0) {
        String what = (flags & MountFlags.MS_BIND) != 0 || type == null ? source : type;
        throw failure("mount " + (what == null ? "" : what + " ") + "at " + target, result);
      }
    }
  }

  @Override
  public void unmount(String target, int flags) throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      long result = kernel.call(Syscall.UMOUNT2, scratch.text(target), flags);
      if (result < 0) {
        throw failure("unmount " + target, result);
      }
    }
  }

  @Override
  public Fd openTree(Fd dir, String path, int flags) throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      long result =
          kernel.call(
              Syscall.OPEN_TREE, dir.number(), scratch.text(path), flags | FileFlags.O_CLOEXEC);
      if (result < 0) {
        throw failure("open tree " + where(dir, path), result);
      }
      return kernel.own(result);
    }
  }

  @Override
  public void moveMount(Fd fromDir, String from, Fd toDir, String to, int flags)
      throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      long result =
          kernel.call(
              Syscall.MOVE_MOUNT,
              fromDir.number(),
              scratch.text(from),
              toDir.number(),
              scratch.text(to),
              flags);
      if (result < 0) {
        throw failure("move mount " + where(fromDir, from) + " to " + where(toDir, to), result);
      }
    }
  }

  @Override
  public void setAttributes(Fd dir, String path, int flags, MountAttributes attributes)
      throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      int size = 32;
      long struct = scratch.raw(size);
      MEMORY.putLong(struct, attributes.set());
      MEMORY.putLong(struct + 8, attributes.clear());
      MEMORY.putLong(struct + 16, attributes.propagation());
      Fd users = attributes.userNamespace();
      MEMORY.putLong(struct + 24, users == null ? 0 : users.number());
      long result =
          kernel.call(Syscall.MOUNT_SETATTR, dir.number(), scratch.text(path), flags, struct, size);
      if (result < 0) {
        throw failure("set attributes of mount " + where(dir, path), result);
      }
    }
  }

  @Override
  public Fd openFileSystem(String type) throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      long result = kernel.call(Syscall.FSOPEN, scratch.text(type), FSOPEN_CLOEXEC);
      if (result < 0) {
        throw failure("open filesystem type " + type, result);
      }
      return kernel.own(result);
    }
  }

  @Override
  public Fd pickFileSystem(Fd dir, String path, int flags) throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      long result =
          kernel.call(Syscall.FSPICK, dir.number(), scratch.text(path), flags | FSPICK_CLOEXEC);
      if (result < 0) {
        throw failure("pick filesystem at " + where(dir, path), result);
      }
      return kernel.own(result);
    }
  }

  @Override
  public void configure(Fd context, String key, String value) throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      configure(
          context,
          FSCONFIG_SET_STRING,
          scratch.text(key),
          scratch.text(value),
          0,
          "set filesystem option " + key + "=" + value);
    }
  }

  @Override
  public void configure(Fd context, String flag) throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      configure(
          context, FSCONFIG_SET_FLAG, scratch.text(flag), 0, 0, "set filesystem option " + flag);
    }
  }

  @Override
  public void configure(Fd context, String key, Fd value) throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      configure(
          context,
          FSCONFIG_SET_FD,
          scratch.text(key),
          0,
          value.number(),
          "set filesystem option " + key);
    }
  }

  @Override
  public void createFileSystem(Fd context) throws LinuxException {
    configure(context, FSCONFIG_CMD_CREATE, 0, 0, 0, "create filesystem");
  }

  @Override
  public void reconfigureFileSystem(Fd context) throws LinuxException {
    configure(context, FSCONFIG_CMD_RECONFIGURE, 0, 0, 0, "reconfigure filesystem");
  }

  private void configure(
      Fd context, int command, long key, long value, int auxiliary, String operation)
      throws LinuxException {
    long result = kernel.call(Syscall.FSCONFIG, context.number(), command, key, value, auxiliary);
    if (result < 0) {
      String words = kernelWords(context);
      throw failure(words.isEmpty() ? operation : operation + " (" + words + ")", result);
    }
  }

  /**
   * A filesystem context holds messages such as "e overlay: lowerdir is missing", to be read one by
   * one.
   */
  private String kernelWords(Fd context) {
    try (Scratch scratch = new Scratch()) {
      int capacity = 512;
      long memory = scratch.raw(capacity);
      long length = kernel.call(Syscall.READ, context.number(), memory, capacity);
      if (length <= 0) {
        return "";
      }
      byte[] bytes = new byte[(int) length];
      MEMORY.getByteArray(memory, bytes, 0, bytes.length);
      return NativeText.decode(bytes).strip();
    }
  }

  @Override
  public Fd mountFileSystem(Fd context, long attributes) throws LinuxException {
    long result = kernel.call(Syscall.FSMOUNT, context.number(), FSMOUNT_CLOEXEC, attributes);
    if (result < 0) {
      throw failure("mount filesystem", result);
    }
    return kernel.own(result);
  }

  @Override
  public void pivotRoot(String newRoot, String putOld) throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      long result = kernel.call(Syscall.PIVOT_ROOT, scratch.text(newRoot), scratch.text(putOld));
      if (result < 0) {
        throw failure("pivot root to " + newRoot, result);
      }
    }
  }

  @Override
  public List<MountInfo> mountInfo() throws IOException {
    return MountTable.parse(files.readText("/proc/thread-self/mountinfo"));
  }

  @Override
  public List<MountInfo> mountInfo(int pid) throws IOException {
    return MountTable.parse(files.readText("/proc/" + pid + "/mountinfo"));
  }
}
