package io.gantry.cri.nri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.proto.nri.Container;
import io.gantry.proto.nri.ContainerRequest;
import io.gantry.proto.nri.CreateContainerResponse;
import io.gantry.proto.nri.Empty;
import io.gantry.proto.nri.Event;
import io.gantry.proto.nri.FailurePolicy;
import io.gantry.proto.nri.PodRequest;
import io.gantry.proto.nri.PodSandbox;
import io.gantry.proto.nri.StateChangeEvent;
import io.gantry.proto.nri.ValidateContainerAdjustmentRequest;
import io.gantry.proto.nri.ValidateContainerAdjustmentResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PluginTest {
  private static final PodRequest POD =
      PodRequest.newBuilder().setPod(PodSandbox.newBuilder().setId("p1")).build();

  @Test
  void ask_bringsThePluginsAnswer() throws Exception {
    try (PluginRig rig = PluginRig.connect("10", "a", fake -> {})) {
      assertTrue(rig.plugin().ask(Event.RUN_POD_SANDBOX, POD, Empty.parser()).isPresent());

      assertEquals("RunPodSandbox", rig.fake().calls.take());
      assertEquals(POD, rig.fake().requests.take());
    }
  }

  @Test
  void ask_leavesOutWhatThePluginHasNotSubscribedTo() throws Exception {
    int stopsOnly = 1 << Event.STOP_POD_SANDBOX_VALUE - 1;
    try (PluginRig rig =
        PluginRig.connect(
            "10", "a", fake -> fake.subscribing(stopsOnly, FailurePolicy.getDefaultInstance()))) {
      rig.plugin().ask(Event.RUN_POD_SANDBOX, POD, Empty.parser());
      rig.plugin().ask(Event.STOP_POD_SANDBOX, POD, Empty.parser());

      assertEquals("StopPodSandbox", rig.fake().calls.take());
    }
  }

  @Test
  void refusal_namesThePluginAndWhy() throws Exception {
    try (PluginRig rig =
        PluginRig.connect(
            "10", "a", fake -> fake.refusing("RunPodSandbox", new IOException("no room")))) {
      IOException refused =
          assertThrows(
              IOException.class,
              () -> rig.plugin().ask(Event.RUN_POD_SANDBOX, POD, Empty.parser()));

      assertEquals("NRI plugin 10-a refuses RunPodSandbox: no room", refused.getMessage());
      assertFalse(rig.plugin().closed().isDone());
    }
  }

  @Test
  void pluginThatDoesNotAnswer_isDroppedAndPassedOver() throws Exception {
    try (PluginRig rig = PluginRig.connect("10", "a", fake -> fake.silentOn("RunPodSandbox"))) {
      assertEquals(Optional.empty(), rig.plugin().ask(Event.RUN_POD_SANDBOX, POD, Empty.parser()));

      rig.plugin().closed().get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void pluginThatAsksForIt_staysAndFailsTheRequest() throws Exception {
    FailurePolicy policy =
        FailurePolicy.newBuilder().setFailRequest(true).setKeepConnected(true).build();
    try (PluginRig rig =
        PluginRig.connect(
            "10", "a", fake -> fake.subscribing(0, policy).silentOn("RunPodSandbox"))) {
      assertThrows(
          IOException.class, () -> rig.plugin().ask(Event.RUN_POD_SANDBOX, POD, Empty.parser()));

      assertTrue(rig.plugin().ask(Event.STOP_POD_SANDBOX, POD, Empty.parser()).isPresent());
    }
  }

  @Test
  void pluginThatReadsNothing_holdsNobodyUp() throws Exception {
    SocketPair sockets = SocketPair.open();
    PluginCalls calls =
        new PluginCalls(
            sockets.here(),
            new PluginCalls.Threads(
                Executors.newCachedThreadPool(), Executors.newScheduledThreadPool(1)),
            request -> null,
            request -> null);
    PodRequest large =
        PodRequest.newBuilder().setPod(PodSandbox.newBuilder().setId("x".repeat(3 << 20))).build();

    assertThrows(
        IOException.class,
        () -> calls.call("RunPodSandbox", large, Empty.parser(), Duration.ofMillis(300)));
    sockets.close();
  }

  @Test
  void validatorThatDoesNotAnswer_hasNotAgreed() throws Exception {
    try (PluginRig rig =
        PluginRig.connect("10", "a", fake -> fake.silentOn("ValidateContainerAdjustment"))) {
      assertThrows(
          IOException.class,
          () ->
              rig.plugin()
                  .ask(
                      Event.VALIDATE_CONTAINER_ADJUSTMENT,
                      ValidateContainerAdjustmentRequest.getDefaultInstance(),
                      ValidateContainerAdjustmentResponse.parser()));
    }
  }

  @Test
  void pluginOfAnOlderKind_isToldByStateChange() throws Exception {
    try (PluginRig rig = PluginRig.connect("10", "a", fake -> fake.without("StartContainer"))) {
      ContainerRequest request =
          ContainerRequest.newBuilder()
              .setPod(POD.getPod())
              .setContainer(Container.newBuilder().setId("c1"))
              .build();

      rig.plugin().ask(Event.START_CONTAINER, request, Empty.parser());

      assertEquals("StateChange", rig.fake().calls.take());
      assertEquals(
          StateChangeEvent.newBuilder()
              .setEvent(Event.START_CONTAINER)
              .setPod(request.getPod())
              .setContainer(request.getContainer())
              .build(),
          rig.fake().requests.take());
    }
  }

  @Test
  void pluginWithoutCreateContainer_adjustsNothing() throws Exception {
    try (PluginRig rig = PluginRig.connect("10", "a", fake -> fake.without("CreateContainer"))) {
      assertEquals(
          Optional.empty(),
          rig.plugin()
              .ask(
                  Event.CREATE_CONTAINER,
                  ContainerRequest.getDefaultInstance(),
                  CreateContainerResponse.parser()));
      assertTrue(rig.fake().calls.isEmpty());
    }
  }
}
