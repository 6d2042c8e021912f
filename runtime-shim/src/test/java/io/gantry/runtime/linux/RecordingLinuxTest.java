package io.gantry.runtime.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class RecordingLinuxTest {
  private final RecordingLinux kernel = new RecordingLinux();
  private final Linux linux = kernel.linux();

  @Test
  void callsAndClosings_areRecordedInOrder() throws Exception {
    try (Fd file = linux.files().open(Fd.CWD, "/a", 0, 0)) {
      linux.files().fsync(file);
    }
    linux.mounts().mount("proc", "/proc", "proc", 14, null);
    assertEquals(
        List.of(
            "open(AT_FDCWD, /a, 0, 0)",
            "fsync(fd 100)",
            "close(100)",
            "mount(proc, /proc, proc, 14, null)"),
        kernel.calls());
  }

  @Test
  void nthCall_failsAsChosen() throws Exception {
    kernel.failCall(1, Errno.EBUSY);
    linux.mounts().unmount("/a", 0);
    LinuxException e = assertThrows(LinuxException.class, () -> linux.mounts().unmount("/b", 2));
    assertEquals(Errno.EBUSY, e.errno());
    linux.mounts().unmount("/c", 0);
    assertEquals(3, kernel.calls().size());
  }

  @Test
  void answers_areGiven() throws Exception {
    kernel.answer("readText", "42\n").failAll("kill", Errno.ESRCH);
    assertEquals("42\n", linux.files().readText("/proc/x"));
    assertThrows(LinuxException.class, () -> linux.processes().kill(1, 9));
  }
}
