package io.gantry.cri.nri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.gantry.proto.nri.AdjustedField;
import io.gantry.proto.nri.ContainerAdjustment;
import io.gantry.proto.nri.KeyValue;
import io.gantry.proto.nri.LinuxMemory;
import io.gantry.proto.nri.LinuxResources;
import io.gantry.proto.nri.OptionalInt64;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClaimsTest {
  private static final PluginName A = new PluginName("10", "a");
  private static final PluginName B = new PluginName("20", "b");
  private final Claims claims = new Claims();

  private static ContainerAdjustment env(String... names) {
    ContainerAdjustment.Builder adjustment = ContainerAdjustment.newBuilder();
    for (String name : names) {
      adjustment.addEnv(KeyValue.newBuilder().setKey(name));
    }
    return adjustment.build();
  }

  @Test
  void sameVariable_namesBothPluginsAndTheVariable() throws Exception {
    AdjustmentClaims.claim(claims, "c1", env("X"), A);

    IOException conflict =
        assertThrows(IOException.class, () -> AdjustmentClaims.claim(claims, "c1", env("X"), B));
    assertEquals(
        "NRI plugins 10-a and 20-b both change env X of container c1", conflict.getMessage());
  }

  @Test
  void otherVariableOrContainer_isNoConflict() throws Exception {
    AdjustmentClaims.claim(claims, "c1", env("X"), A);
    AdjustmentClaims.claim(claims, "c1", env("Y"), B);
    AdjustmentClaims.claim(claims, "c2", env("X"), B);
  }

  @Test
  void removal_overrulesOnPurpose() throws Exception {
    AdjustmentClaims.claim(claims, "c1", env("X"), A);
    AdjustmentClaims.claim(claims, "c1", env("-X", "X"), B);

    assertEquals(
        Map.of("X", "20-b"),
        claims
            .toMessage()
            .getOwnersOrThrow("c1")
            .getCompoundOrThrow(AdjustedField.ENV_VALUE)
            .getOwnersMap());
  }

  @Test
  void sameLimit_isAConflict() throws Exception {
    LinuxResources limit =
        LinuxResources.newBuilder()
            .setMemory(LinuxMemory.newBuilder().setLimit(OptionalInt64.getDefaultInstance()))
            .build();
    claims.claim("c1", limit, A);

    IOException conflict = assertThrows(IOException.class, () -> claims.claim("c1", limit, B));
    assertEquals(
        "NRI plugins 10-a and 20-b both change mem limit of container c1", conflict.getMessage());
    assertEquals(
        "10-a",
        claims.toMessage().getOwnersOrThrow("c1").getSimpleOrThrow(AdjustedField.MEM_LIMIT_VALUE));
  }
}
