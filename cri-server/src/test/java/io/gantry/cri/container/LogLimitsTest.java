package io.gantry.cri.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.PodSandboxConfig;
import java.util.List;
import org.junit.jupiter.api.Test;

class LogLimitsTest {
  private static final PodSandboxConfig POD =
      PodSandboxConfig.newBuilder()
          .putAnnotations("gantry.io/log-max-bytes", "5000")
          .putAnnotations("gantry.io/log-rate-bytes-per-second", "6000")
          .build();

  @Test
  void withoutAnnotations_thereAreNone() {
    LogLimits none =
        LogLimits.of(PodSandboxConfig.getDefaultInstance(), ContainerConfig.getDefaultInstance());
    assertEquals(new LogLimits(0, 0), none);
    assertEquals("", none.query());
  }

  @Test
  void containersOwn_goBeforeItsPods() {
    ContainerConfig container =
        ContainerConfig.newBuilder().putAnnotations(LogLimits.MAX_BYTES, "70000").build();
    assertEquals(new LogLimits(70000, 6000), LogLimits.of(POD, container));
    assertEquals("&max-bytes=70000&rate=6000", LogLimits.of(POD, container).query());
  }

  @Test
  void whatIsNoLimit_isRefusedByName() {
    for (String bad : List.of("1Mi", "-1", "0", "4095", "99999999999999999999", " 5000")) {
      ContainerConfig container =
          ContainerConfig.newBuilder().putAnnotations(LogLimits.RATE, bad).build();
      CriException e = assertThrows(CriException.class, () -> LogLimits.of(POD, container), bad);
      assertEquals(Failure.INVALID_REQUEST, e.failure());
      assertTrue(e.getMessage().contains(LogLimits.RATE), e::getMessage);
      assertTrue(e.getMessage().contains("\"" + bad + "\""), e::getMessage);
    }
  }
}
