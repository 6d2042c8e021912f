package io.gantry.cri.nri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.proto.nri.Container;
import io.gantry.proto.nri.PodSandbox;
import io.gantry.proto.nri.SynchronizeRequest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SynchronizationTest {
  @Test
  void nothingAtAll_isOneMessage() {
    assertEquals(
        List.of(SynchronizeRequest.getDefaultInstance()),
        Synchronization.parts(List.of(), List.of()));
  }

  @Test
  void moreThanFitsAMessage_comesInPartsThatLoseNothing() {
    List<Container> containers = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      containers.add(Container.newBuilder().setId("c" + i).addArgs("x".repeat(100_000)).build());
    }
    List<PodSandbox> pods = List.of(PodSandbox.newBuilder().setId("p").build());

    List<SynchronizeRequest> parts = Synchronization.parts(pods, containers);

    assertTrue(parts.size() > 3);
    List<Container> told = new ArrayList<>();
    for (SynchronizeRequest part : parts) {
      assertTrue(part.getSerializedSize() < 4 << 20);
      assertEquals(part != parts.get(parts.size() - 1), part.getMore());
      told.addAll(part.getContainersList());
    }
    assertEquals(containers, told);
    assertEquals(pods, parts.get(0).getPodsList());
    assertFalse(parts.get(1).getPodsCount() > 0);
  }
}
