package io.gantry.cri.layers;

import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.Files;
import io.gantry.runtime.linux.LinuxException;

/** Sets the extended attributes of a layer's files. */
final class LayerAttributes {

  private LayerAttributes() {}

  /**
   * Sets one. What this file system cannot keep is left out, as all runtimes do, but for file
   * capabilities: without them a program would quietly not work.
   */
  static void set(Files files, Fd holder, String path, String name, byte[] value)
      throws LinuxException {
    try {
      files.setxattr(holder, path, ByteText.toNative(name), value, 0);
    } catch (LinuxException e) {
      boolean unsupported = e.errno() == Errno.EOPNOTSUPP;
      // xattr(7): links and devices cannot have user attributes.
      boolean noPlaceForUser = e.errno() == Errno.EPERM && name.startsWith("user.");
      if (name.equals("security.capability") || !unsupported && !noPlaceForUser) {
        throw e;
      }
    }
  }
}
