package io.gantry.cri.nri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.gantry.cri.container.ContainerRecord;
import io.gantry.cri.container.State;
import io.gantry.cri.pod.Pod;
import io.gantry.cri.pod.PodPaths;
import io.gantry.cri.pod.PodState;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.ContainerMetadata;
import io.gantry.proto.cri.v1.LinuxContainerResources;
import io.gantry.proto.cri.v1.LinuxContainerUser;
import io.gantry.proto.cri.v1.PodSandboxConfig;
import io.gantry.proto.cri.v1.Signal;
import io.gantry.proto.nri.ContainerAdjustment;
import io.gantry.proto.nri.ContainerRequest;
import io.gantry.proto.nri.ContainerUpdate;
import io.gantry.proto.nri.CreateContainerResponse;
import io.gantry.proto.nri.KeyValue;
import io.gantry.proto.nri.ValidateContainerAdjustmentRequest;
import io.gantry.proto.nri.ValidateContainerAdjustmentResponse;
import io.gantry.runtime.oci.OciSpec;
import io.gantry.runtime.oci.OciSpecReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ContainerCreationTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private static final Path NOWHERE = Path.of("/nowhere");

  private OciSpec spec;
  private ContainerCreation creation;

  @BeforeEach
  void make() throws Exception {
    spec = OciSpecReader.parse(AdjustmentsTest.SPEC);
    creation =
        new ContainerCreation(
            pod("p1"), container("c1"), spec, (names, before) -> fail("no devices asked for"));
  }

  static Pod pod(String id) {
    PodSandboxConfig config = PodSandboxConfig.getDefaultInstance();
    return new Pod(
        id,
        config,
        "",
        Instant.EPOCH,
        new PodState.Ready(),
        List.of(),
        "host",
        "/parent",
        new PodPaths(
            NOWHERE,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            NOWHERE,
            NOWHERE,
            NOWHERE,
            NOWHERE));
  }

  static ContainerRecord container(String id) {
    return new ContainerRecord(
        id,
        "p1",
        "",
        ContainerConfig.newBuilder()
            .setMetadata(ContainerMetadata.newBuilder().setName("web"))
            .putAnnotations("asked", "1")
            .build(),
        new ContainerRecord.ImageInUse("sha256:1", "web:1", "web@sha256:2"),
        LinuxContainerUser.getDefaultInstance(),
        Signal.SIGNAL_SIGTERM,
        Optional.empty(),
        LinuxContainerResources.newBuilder().setMemoryLimitInBytes(1000).build(),
        Instant.EPOCH,
        Optional.empty(),
        new State.Making());
  }

  private static CreateContainerResponse setting(String name, String value) {
    return CreateContainerResponse.newBuilder()
        .setAdjust(
            ContainerAdjustment.newBuilder()
                .addEnv(KeyValue.newBuilder().setKey(name).setValue(value)))
        .build();
  }

  private static PluginRig adjusting(String index, String name, CreateContainerResponse answer)
      throws Exception {
    return PluginRig.connect(
        index,
        name,
        LIMIT,
        fake -> fake.on("CreateContainer", ContainerRequest.parser(), request -> answer));
  }

  @Test
  void laterPlugin_seesWhatEarlierOnesHaveMade() throws Exception {
    try (PluginRig first = adjusting("10", "a", setting("A", "1"));
        PluginRig second = adjusting("20", "b", setting("B", "2"))) {
      creation.ask(List.of(first.plugin(), second.plugin()));

      ContainerRequest before = (ContainerRequest) first.fake().requests.take();
      ContainerRequest after = (ContainerRequest) second.fake().requests.take();
      assertEquals(List.of("PATH=/bin", "OLD=1", "TEXT=a=b"), before.getContainer().getEnvList());
      assertTrue(after.getContainer().getEnvList().contains("A=1"));
      assertEquals("web", before.getContainer().getName());
      assertEquals("sha256:2", before.getContainer().getImage().getDigest());
      assertEquals("1", before.getContainer().getAnnotationsOrThrow("asked"));
      assertEquals("/parent", before.getPod().getLinux().getCgroupParent());
      assertEquals(
          List.of("PATH=/bin", "OLD=1", "TEXT=a=b", "A=1", "B=2"),
          creation.spec().process().get().env());
    }
  }

  @Test
  void pluginsThatContradictEachOther_areBothNamed() throws Exception {
    try (PluginRig first = adjusting("10", "a", setting("X", "1"));
        PluginRig second = adjusting("20", "b", setting("X", "2"))) {
      IOException conflict =
          assertThrows(
              IOException.class, () -> creation.ask(List.of(first.plugin(), second.plugin())));

      assertEquals(
          "NRI plugins 10-a and 20-b both change env X of container c1", conflict.getMessage());
    }
  }

  @Test
  void validator_seesWhatAllHaveMadeAndMayRejectIt() throws Exception {
    try (PluginRig adjusting = adjusting("10", "a", setting("A", "1"));
        PluginRig validating =
            PluginRig.connect(
                "05",
                "v",
                LIMIT,
                fake ->
                    fake.on(
                        "ValidateContainerAdjustment",
                        ValidateContainerAdjustmentRequest.parser(),
                        request ->
                            ValidateContainerAdjustmentResponse.newBuilder()
                                .setReject(true)
                                .setReason("no A")
                                .build()))) {
      IOException rejected =
          assertThrows(
              IOException.class,
              () -> creation.ask(List.of(validating.plugin(), adjusting.plugin())));

      assertEquals(
          "NRI plugin 05-v rejects what plugins have made of container c1: no A",
          rejected.getMessage());
      validating.fake().requests.take(); // CreateContainer.
      var seen = (ValidateContainerAdjustmentRequest) validating.fake().requests.take();
      assertEquals(List.of("PATH=/bin", "OLD=1", "TEXT=a=b"), seen.getContainer().getEnvList());
      assertEquals("A", seen.getAdjust().getEnv(0).getKey());
      assertEquals(2, seen.getPluginsCount());
      assertTrue(seen.getOwners().containsOwners("c1"));
    }
  }

  @Test
  void updateOfTheContainerItself_isRefused() throws Exception {
    CreateContainerResponse answer =
        CreateContainerResponse.newBuilder()
            .addUpdate(ContainerUpdate.newBuilder().setContainerId("c1"))
            .build();
    try (PluginRig rig = adjusting("10", "a", answer)) {
      assertThrows(IOException.class, () -> creation.ask(List.of(rig.plugin())));
    }
  }

  @Test
  void pluginThatSaysNothing_isPassedOver() throws Exception {
    try (PluginRig silent = PluginRig.connect("10", "a", fake -> fake.silentOn("CreateContainer"));
        PluginRig second = adjusting("20", "b", setting("B", "2"))) {
      creation.ask(List.of(silent.plugin(), second.plugin()));

      assertTrue(creation.spec().process().get().env().contains("B=2"));
    }
  }
}
