package io.gantry.runtime.rootfs;

import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.Files;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.NativeText;
import io.gantry.runtime.linux.OpenHow;

/** Where a user is at home, by the container's own /etc/passwd (passwd(5)). */
public final class HomeDirectory {
  /** An image may hold a file of any size there. */
  private static final int MAX_BYTES = 1 << 20;

  private static final String NOWHERE = "/";

  private HomeDirectory() {}

  /** The home of a user id; {@code /} where the file says nothing. */
  public static String of(Files files, Fd root, long uid) {
    int flags = FileFlags.O_RDONLY | FileFlags.O_NONBLOCK;
    try (Fd passwd = files.openat2(root, "etc/passwd", OpenHow.inRoot(flags))) {
      if (!files.stat(passwd).isRegular()) {
        return NOWHERE;
      }
      return find(read(files, passwd), uid);
    } catch (LinuxException e) {
      return NOWHERE; // Most often there is no such file; images without users are common.
    }
  }

  private static String read(Files files, Fd passwd) throws LinuxException {
    byte[] buffer = new byte[(int) Math.min(MAX_BYTES, files.stat(passwd).sizeBytes())];
    int length = 0;
    while (length < buffer.length) {
      int count = files.read(passwd, buffer, length, buffer.length - length);
      if (count == 0) {
        break;
      }
      length += count;
    }
    return NativeText.decode(buffer, 0, length);
  }

  static String find(String passwd, long uid) {
    String wanted = Long.toString(uid);
    int at = 0;
    while (at < passwd.length()) {
      int end = passwd.indexOf('\n', at);
      end = end < 0 ? passwd.length() : end;
      String[] fields = passwd.substring(at, end).split(":", -1);
      if (fields.length >= 6 && fields[2].equals(wanted)) {
        return fields[5].isEmpty() ? NOWHERE : fields[5];
      }
      at = end + 1;
    }
    return NOWHERE;
  }
}
