package io.gantry.runtime.linux.cgroup;

import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.Files;
import io.gantry.runtime.linux.LinuxException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/** One directory of a cgroup hierarchy and the control files in it. */
final class ControlDirectory {
  private final Files files;
  private final String path;

  ControlDirectory(Files files, String path) {
    this.files = files;
    this.path = path;
  }

  String path() {
    return path;
  }

  ControlDirectory child(String name) {
    return new ControlDirectory(files, path + "/" + name);
  }

  /** The directory of a cgroup, if this is the root of its hierarchy. */
  ControlDirectory below(String cgroupPath) {
    return cgroupPath.equals("/") ? this : new ControlDirectory(files, path + cgroupPath);
  }

  boolean exists() throws LinuxException {
    return statable(path);
  }

  boolean has(String name) throws LinuxException {
    return statable(path + "/" + name);
  }

  private boolean statable(String file) throws LinuxException {
    try {
      files.stat(Fd.CWD, file, 0);
      return true;
    } catch (LinuxException e) {
      if (e.errno() == Errno.ENOENT) {
        return false;
      }
      throw e;
    }
  }

  /** Makes the directory; says whether it was missing. */
  boolean make() throws LinuxException {
    try {
      files.mkdirat(Fd.CWD, path, 0755);
      return true;
    } catch (LinuxException e) {
      if (e.errno() == Errno.EEXIST) {
        return false;
      }
      throw e;
    }
  }

  /** Removes the directory alone; says whether it was there. */
  boolean remove() throws LinuxException {
    try {
      files.unlinkat(Fd.CWD, path, FileFlags.AT_REMOVEDIR);
      return true;
    } catch (LinuxException e) {
      if (e.errno() == Errno.ENOENT) {
        return false;
      }
      throw e;
    }
  }

  Fd open(String name, int flags) throws LinuxException {
    return files.open(Fd.CWD, path + "/" + name, flags, 0);
  }

  Fd openSelf() throws LinuxException {
    return files.open(Fd.CWD, path, FileFlags.O_RDONLY | FileFlags.O_DIRECTORY, 0);
  }

  /**
   * Writes a value in one go, as control files demand.
   *
   * @throws LinuxException names the file and the value
   */
  void write(String name, String value) throws LinuxException {
    try (Fd file = open(name, FileFlags.O_WRONLY)) {
      byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
      files.write(file, bytes, 0, bytes.length);
    } catch (LinuxException e) {
      throw new LinuxException("write \"" + value + "\" to " + path + "/" + name, e.errno());
    }
  }

  void write(String name, long value) throws LinuxException {
    write(name, Long.toString(value));
  }

  /** All of a file without the closing newline. */
  String read(String name) throws LinuxException {
    try (Fd file = open(name, FileFlags.O_RDONLY)) {
      byte[] buffer = new byte[4096];
      int length = 0;
      while (true) {
        if (length == buffer.length) {
          buffer = Arrays.copyOf(buffer, length * 2);
        }
        int count = files.read(file, buffer, length, buffer.length - length);
        if (count == 0) {
          break;
        }
        length += count;
      }
      while (length > 0 && buffer[length - 1] == '\n') {
        length--;
      }
      return new String(buffer, 0, length, StandardCharsets.UTF_8);
    } catch (LinuxException e) {
      throw new LinuxException("read " + path + "/" + name, e.errno());
    }
  }

  /** Like {@link #read}, but empty if the file or the cgroup is not there. */
  String readIfPresent(String name) throws LinuxException {
    try {
      return read(name);
    } catch (LinuxException e) {
      // ENODEV: the cgroup was removed while the file was open.
      if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENODEV) {
        return "";
      }
      // Pressure files answer so when the kernel was booted with psi=0.
      if (e.errno() == Errno.EOPNOTSUPP) {
        return "";
      }
      throw e;
    }
  }

  /** A file that holds one number; absent if there is no such file or it says max. */
  OptionalLong number(String name) throws LinuxException {
    return ControlText.number(readIfPresent(name));
  }

  /** Names of everything in the directory; none if the cgroup is gone. */
  List<String> files() throws LinuxException {
    try (Fd self = openSelf()) {
      return files.list(self);
    } catch (LinuxException e) {
      if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENODEV) {
        return List.of();
      }
      throw e;
    }
  }

  /** Names of the cgroups below. */
  List<String> children() throws LinuxException {
    List<String> names = new ArrayList<>();
    try (Fd self = openSelf()) {
      for (String name : files.list(self)) {
        if (files.stat(self, name, FileFlags.AT_SYMLINK_NOFOLLOW).isDirectory()) {
          names.add(name);
        }
      }
    } catch (LinuxException e) {
      if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENODEV) {
        throw e;
      }
    }
    return names;
  }

  /** This directory and all below, parents first. */
  List<ControlDirectory> tree() throws LinuxException {
    List<ControlDirectory> all = new ArrayList<>();
    all.add(this);
    for (int i = 0; i < all.size(); i++) {
      ControlDirectory parent = all.get(i);
      for (String name : parent.children()) {
        all.add(parent.child(name));
      }
    }
    return all;
  }

  /** Ids in this directory's cgroup.procs; processes outside our PID namespace show as 0 there. */
  void addPids(List<Integer> pids) throws LinuxException {
    String text = readIfPresent("cgroup.procs");
    int at = 0;
    while (at < text.length()) {
      int end = text.indexOf('\n', at);
      if (end < 0) {
        end = text.length();
      }
      int pid = Integer.parseInt(text, at, end, 10);
      if (pid > 0) {
        pids.add(pid);
      }
      at = end + 1;
    }
  }

  @Override
  public String toString() {
    return path;
  }
}
