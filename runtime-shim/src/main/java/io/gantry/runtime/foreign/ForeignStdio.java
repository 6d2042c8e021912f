package io.gantry.runtime.foreign;

import io.gantry.runtime.container.ProcessStdio;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;

/**
 * Names this process's pipes for another shim. A pipe can be opened anew by the link that
 * /proc/PID/fd has for it (proc(5)), and is a FIFO to whoever does: what containerd's contract asks
 * for, without a file that somebody would have to remove.
 */
final class ForeignStdio {
  private static final String NULL_DEVICE = "/dev/null";

  private final Linux linux;

  ForeignStdio(Linux linux) {
    this.linux = linux;
  }

  /** Empty means none. */
  record Paths(String stdin, String stdout, String stderr) {}

  /** Good for as long as the descriptors are open. */
  Paths of(ProcessStdio streams) throws LinuxException {
    if (!(streams instanceof ProcessStdio.Pipes pipes)) {
      throw new IllegalArgumentException("another shim has its own terminals; it needs pipes");
    }
    return new Paths(path(pipes.stdin()), path(pipes.stdout()), path(pipes.stderr()));
  }

  private String path(int descriptor) throws LinuxException {
    String link = "/proc/" + linux.processes().pid() + "/fd/" + descriptor;
    return linux.files().readlinkat(Fd.CWD, link).equals(NULL_DEVICE) ? "" : link;
  }
}
