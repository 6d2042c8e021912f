package io.gantry.cri.grpc;

import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.LinuxException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/** Tells failures for want of disk space, or of a quota, from others. */
final class FullDisk {
  /**
   * The JDK gives no errno, only the words that libc has for it, which depend on the locale;
   * full(4) has it say them.
   */
  private static final Set<String> WORDS =
      Set.of(wordsOf(Path.of("/dev/full")), "Disk quota exceeded");

  private FullDisk() {}

  static boolean isCauseOf(Throwable failure) {
    Throwable cause = failure;
    while (cause != null) {
      if (isOne(cause)) {
        return true;
      }
      cause = cause.getCause();
    }
    return false;
  }

  private static boolean isOne(Throwable failure) {
    if (failure instanceof LinuxException linux) {
      return linux.errno() == Errno.ENOSPC || linux.errno() == Errno.EDQUOT;
    }
    if (failure instanceof FileSystemException file) {
      return file.getReason() != null && WORDS.contains(file.getReason());
    }
    return failure instanceof IOException && WORDS.contains("" + failure.getMessage());
  }

  private static String wordsOf(Path full) {
    try (OutputStream out = Files.newOutputStream(full)) {
      out.write(0);
    } catch (FileSystemException missing) {
      return "No space left on device";
    } catch (IOException e) {
      return "" + e.getMessage();
    }
    return "No space left on device";
  }
}
