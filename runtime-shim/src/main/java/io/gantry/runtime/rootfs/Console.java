package io.gantry.runtime.rootfs;

import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import java.io.IOException;

/**
 * A terminal of a container's own devpts.
 *
 * @param master the end that gantry keeps
 * @param slave the end that becomes the process's terminal
 */
public record Console(Fd master, Fd slave) implements AutoCloseable {
  /** linux/magic.h */
  private static final long DEVPTS_SUPER_MAGIC = 0x1cd1;

  private static Console open(Linux linux, Fd devpts) throws IOException {
    // A directory an image put there could hold a link to a terminal of the host.
    if (linux.files().fstatfs(devpts).type() != DEVPTS_SUPER_MAGIC) {
      throw new IOException("open a terminal: no devpts is mounted at /dev/pts");
    }
    Fd master = linux.terminals().openMaster(devpts, "ptmx");
    try {
      return new Console(master, linux.terminals().openSlave(master));
    } catch (LinuxException e) {
      master.close();
      throw e;
    }
  }

  /** Opens a terminal of the devpts that a container has at /dev/pts. */
  public static Console openIn(Linux linux, Fd root) throws IOException {
    try (Fd devpts = new RootDirectory(linux.files(), root).open("/dev/pts")) {
      return open(linux, devpts);
    } catch (LinuxException e) {
      throw new IOException("open a terminal: " + e.getMessage(), e);
    }
  }

  /** Makes the terminal belong to the user that will use it; its group stays devpts' choice. */
  public void giveTo(Linux linux, long uid) throws LinuxException {
    linux.files().fchownat(slave, "", (int) uid, -1, FileFlags.AT_EMPTY_PATH);
  }

  @Override
  public void close() {
    slave.close();
    master.close();
  }
}
