package io.gantry.cri.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.cri.cni.NetworkTemplate;
import io.gantry.proto.cri.v1.CgroupDriver;
import io.gantry.proto.cri.v1.NetworkConfig;
import io.gantry.proto.cri.v1.RuntimeConfig;
import io.gantry.proto.cri.v1.RuntimeConfigRequest;
import io.gantry.proto.cri.v1.UpdateRuntimeConfigRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** RuntimeConfig and UpdateRuntimeConfig. */
class RuntimeConfigHandlersTest {
  @TempDir Path directory;

  private static UpdateRuntimeConfigRequest cidr(String cidr) {
    NetworkConfig network = NetworkConfig.newBuilder().setPodCidr(cidr).build();
    return UpdateRuntimeConfigRequest.newBuilder()
        .setRuntimeConfig(RuntimeConfig.newBuilder().setNetworkConfig(network))
        .build();
  }

  private static CgroupDriver told(boolean systemd) {
    return new RuntimeConfigHandler(systemd)
        .handle(RuntimeConfigRequest.getDefaultInstance())
        .getLinux()
        .getCgroupDriver();
  }

  @Test
  void driver_isTheOneThatMakesCgroups() {
    assertEquals(CgroupDriver.SYSTEMD, told(true));
    assertEquals(CgroupDriver.CGROUPFS, told(false));
  }

  @Test
  void podCidr_becomesTheNetworkOfTheTemplate() throws Exception {
    Path template = Files.writeString(directory.resolve("template"), "of {{.PodCIDR}}");
    Path configurations = directory.resolve("net.d");
    UpdateRuntimeConfigHandler handler =
        new UpdateRuntimeConfigHandler(Optional.of(new NetworkTemplate(template, configurations)));

    handler.handle(cidr("10.1.0.0/24"));

    assertEquals(Optional.of("10.1.0.0/24"), handler.podCidr());
    Path written = configurations.resolve("10-gantry.conflist");
    assertEquals("of 10.1.0.0/24", Files.readString(written));
    handler.handle(cidr(""));
    assertTrue(Files.exists(written), "a kubelet without a CIDR takes nothing away");
    assertThrows(IllegalArgumentException.class, () -> handler.handle(cidr("10.1.0.0/99")));
  }

  @Test
  void podCidr_isNotedWhereTheNetworkIsSomebodyElses() throws Exception {
    UpdateRuntimeConfigHandler handler = new UpdateRuntimeConfigHandler(Optional.empty());
    assertFalse(handler.podCidr().isPresent());

    handler.handle(cidr("10.1.0.0/24"));

    assertEquals(Optional.of("10.1.0.0/24"), handler.podCidr());
  }
}
