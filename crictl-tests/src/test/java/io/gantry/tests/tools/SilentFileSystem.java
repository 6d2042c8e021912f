package io.gantry.tests.tools;

import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.Linux;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/**
 * A FUSE file system whose server never answers: whoever looks at it waits until it is closed, and
 * is then told ENOTCONN.
 */
public final class SilentFileSystem implements AutoCloseable {
  private static final int MNT_DETACH = 2;

  private final Linux linux;
  private final Fd server;
  private final Path place;

  private SilentFileSystem(Linux linux, Fd server, Path place) {
    this.linux = linux;
    this.server = server;
    this.place = place;
  }

  /** Mounts one over a directory. */
  public static SilentFileSystem at(Path place) {
    Linux linux = Linux.open();
    try {
      Fd server = linux.files().open(Fd.CWD, "/dev/fuse", FileFlags.O_RDWR, 0);
      linux
          .mounts()
          .mount(
              "never",
              place.toString(),
              "fuse",
              0,
              "fd=%d,rootmode=40000,user_id=0,group_id=0".formatted(server.number()));
      return new SilentFileSystem(linux, server, place);
    } catch (IOException e) {
      throw new UncheckedIOException("mount a file system at " + place, e);
    }
  }

  @Override
  public void close() {
    try {
      server.close(); // The kernel tells whoever waits.
      linux.mounts().unmount(place.toString(), MNT_DETACH);
    } catch (IOException e) {
      throw new UncheckedIOException("unmount " + place, e);
    }
  }
}
