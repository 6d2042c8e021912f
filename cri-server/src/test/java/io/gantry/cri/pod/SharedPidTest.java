package io.gantry.cri.pod;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.runtime.launch.LaunchPlan;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.Linux;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SharedPidTest {

  /** A plan, as not every root may lower the score and see it. */
  @Test
  void process_isTheLastOfItsPodToBeKilledForMemory() throws IOException {
    try (Fd some = Linux.open().files().open(Fd.CWD, "/dev/null", FileFlags.O_RDWR, 0)) {
      LaunchPlan plan =
          SharedPid.complete(LaunchPlan.builder(), some, some, null, Path.of("/empty"), 65534);

      assertTrue(
          plan.toString().contains("write -998 to /proc/self/oom_score_adj"), plan::toString);
    }
  }
}
