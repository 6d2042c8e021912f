package io.gantry.cri.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.cri.cdi.Devices;
import io.gantry.cri.grpc.CriException;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.LinuxContainerConfig;
import io.gantry.proto.cri.v1.LinuxContainerResources;
import io.gantry.proto.cri.v1.LinuxContainerSecurityContext;
import io.gantry.proto.cri.v1.Mount;
import io.gantry.runtime.oci.OciProcess;
import io.gantry.runtime.oci.OciSeccomp;
import io.gantry.runtime.oci.OciSpec;
import io.gantry.runtime.oci.OciSpecReader;
import io.gantry.runtime.oci.OciSpecWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ContainerSpecTest {
  private static final SeccompProfiles NO_PROFILES =
      new SeccompProfiles() {
        @Override
        public OciSeccomp runtimeDefault(Set<String> capabilities) {
          throw new AssertionError("not asked for");
        }

        @Override
        public OciSeccomp read(Path file) {
          throw new AssertionError("not asked for");
        }
      };

  private final FakeHost host = new FakeHost();
  private final ContainerSpec specs =
      new ContainerSpec(
          host,
          NO_PROFILES,
          new FakeAppArmor(),
          new Devices(List::of),
          (pod, id) -> pod + "/" + id,
          io.gantry.cri.config.Config.defaults().runtimes());

  @Test
  void build_joinsRequestImageAndDefaults() throws Exception {
    OciSpec spec = build(SpecFixture.config().addArgs("serve").build());
    OciProcess process = spec.process().orElseThrow();
    assertEquals(List.of("/entry", "serve"), process.args());
    assertEquals(List.of("PATH=/image/bin", "HOSTNAME=pod-host"), process.env());
    assertEquals("/", process.cwd());
    assertEquals(OptionalInt.of(0), process.oomScoreAdj());
    assertEquals("rootfs", spec.root().path());
    assertEquals(Optional.of("/gantry/c-1"), spec.linux().cgroupsPath());
    assertEquals("pod-1", spec.annotations().get("io.kubernetes.cri.sandbox-id"));
  }

  @Test
  void build_survivesItsOwnJson() throws Exception {
    host.file("/data");
    ContainerConfig.Builder config = SpecFixture.config().setTty(true);
    config.addMounts(Mount.newBuilder().setHostPath("/data").setContainerPath("/d"));
    OciSpec spec = build(config.build());
    assertEquals(spec, OciSpecReader.parse(OciSpecWriter.toJson(spec)));
  }

  @Test
  void build_takesMaskedAndReadonlyPathsAsGiven() throws Exception {
    assertEquals(List.of(), build(SpecFixture.config().build()).linux().maskedPaths());
    OciSpec spec =
        build(
            SpecFixture.secured(
                LinuxContainerSecurityContext.newBuilder()
                    .addMaskedPaths("/proc/kcore")
                    .addReadonlyPaths("/proc/sys")));
    assertEquals(List.of("/proc/kcore"), spec.linux().maskedPaths());
    assertEquals(List.of("/proc/sys"), spec.linux().readonlyPaths());
  }

  @Test
  void build_privilegedMasksNothing() throws Exception {
    ContainerConfig config =
        SpecFixture.secured(
            LinuxContainerSecurityContext.newBuilder()
                .setPrivileged(true)
                .addMaskedPaths("/proc/kcore")
                .addReadonlyPaths("/proc/sys"));
    OciSpec spec =
        specs.build(SpecFixture.request(config, SpecFixture.privilegedPod(), OptionalInt.empty()));
    assertEquals(List.of(), spec.linux().maskedPaths());
    assertEquals(List.of(), spec.linux().readonlyPaths());
  }

  @Test
  void build_privilegedNeedsAPrivilegedPod() {
    CriException refused =
        assertThrows(
            CriException.class,
            () ->
                build(
                    SpecFixture.secured(
                        LinuxContainerSecurityContext.newBuilder().setPrivileged(true))));
    assertTrue(refused.getMessage().contains("privileged"));
  }

  @Test
  void build_requestsWorkingDirectoryWins() throws Exception {
    assertEquals(
        "/w",
        build(SpecFixture.config().setWorkingDir("/w").build()).process().orElseThrow().cwd());
    assertThrows(CriException.class, () -> build(SpecFixture.config().setWorkingDir("w").build()));
  }

  @Test
  void build_oomScoreAdjIsChecked() throws Exception {
    assertEquals(
        OptionalInt.of(-500), build(oomScoreAdj(-500)).process().orElseThrow().oomScoreAdj());
    assertThrows(CriException.class, () -> build(oomScoreAdj(1001)));
  }

  @Test
  void cgroup_isNamedByThePodsAndTheContainersId() throws Exception {
    OciSpec spec = build(SpecFixture.config().build());
    assertEquals(
        Optional.of(SpecFixture.request(SpecFixture.config().build()).pod().cgroupParent() + "/c"),
        spec.linux().cgroupsPath().map(path -> path.replaceAll("/[^/]*$", "/c")));
  }

  private OciSpec build(ContainerConfig config) throws Exception {
    return specs.build(SpecFixture.request(config));
  }

  private static ContainerConfig oomScoreAdj(long value) {
    ContainerConfig.Builder config = SpecFixture.config();
    config.mergeLinux(
        LinuxContainerConfig.newBuilder()
            .setResources(LinuxContainerResources.newBuilder().setOomScoreAdj(value))
            .build());
    return config.build();
  }
}
