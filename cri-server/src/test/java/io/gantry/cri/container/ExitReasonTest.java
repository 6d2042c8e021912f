package io.gantry.cri.container;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExitReasonTest {
  @Test
  void words_areThoseThatTheKubeletKnowsAndNoOthers() {
    assertEquals(
        List.of("Completed", "Error", "OOMKilled", "StartError", "ContainerStatusUnknown"),
        Arrays.stream(ExitReason.values()).map(ExitReason::word).toList());
  }

  @Test
  void ofWord_isItsReason_andAnotherVersionsIsUnknown() {
    for (ExitReason reason : ExitReason.values()) {
      assertEquals(reason, ExitReason.ofWord(reason.word()));
    }
    assertEquals(ExitReason.STATUS_UNKNOWN, ExitReason.ofWord("Evaporated"));
  }
}
