package io.gantry.cri.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Syscall;
import io.gantry.runtime.linux.cgroup.Cgroups;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class KernelFeaturesTest {

  private static KernelFeatures probe(OldKernel kernel, Cgroups.Version cgroups) throws Exception {
    return KernelFeatures.probe(kernel.linux(), cgroups, Optional.empty());
  }

  private static List<KernelNeed> lacks(OldKernel kernel, Cgroups.Version cgroups)
      throws Exception {
    return probe(kernel, cgroups).lacks().stream().map(Lack::need).toList();
  }

  @Test
  void newKernel_lacksNothing() throws Exception {
    KernelFeatures features = probe(new OldKernel(), Cgroups.Version.V2);

    assertEquals(List.of(), features.lacks());
    assertEquals(Optional.empty(), features.problem());
    assertTrue(features.recursiveReadOnly());
  }

  @Test
  void missingCall_isListedWithItsVersionAndWhatFollows() throws Exception {
    KernelFeatures features =
        probe(new OldKernel().without(Syscall.OPENAT2, Syscall.MOUNT_SETATTR), Cgroups.Version.V1);

    JsonNode missing = features.toJson().get("missing");
    assertEquals(2, missing.size());
    assertEquals("openat2", missing.get(0).get("feature").asText());
    assertEquals("5.6", missing.get(0).get("since").asText());
    assertEquals(
        "openat2: ENOSYS (function not implemented)", missing.get(0).get("found").asText());
    assertEquals(
        "paths inside containers are walked one component at a time: as safe, but slower",
        missing.get(0).get("consequence").asText());
    assertEquals("mount_setattr", missing.get(1).get("feature").asText());
    assertFalse(features.recursiveReadOnly());
    assertEquals(Optional.empty(), features.problem(), "pods run all the same");
  }

  @Test
  void kernelWithoutWhatPodsNeed_isNamedAsTheProblem() throws Exception {
    KernelFeatures features =
        probe(new OldKernel().refuse("openFileSystem", Errno.ENODEV), Cgroups.Version.V1);

    assertEquals(
        Optional.of(
            "this kernel, 6.1.0-test, lacks overlay (Linux 3.18): no container can be created:"
                + " images are layers of an overlay"),
        features.problem());
  }

  @Test
  void callsOfOneNeed_areListedOnce() throws Exception {
    OldKernel kernel = new OldKernel().without(Syscall.OPEN_TREE, Syscall.FSOPEN);

    List<Lack> lacks = probe(kernel, Cgroups.Version.V1).lacks();

    assertEquals(1, lacks.size(), lacks.toString());
    assertTrue(lacks.get(0).found().contains("open_tree: ENOSYS"), lacks.toString());
    assertTrue(lacks.get(0).found().contains("fsopen: ENOSYS"), lacks.toString());
  }

  @Test
  void seccompNamespacesAndPressure_areTried() throws Exception {
    assertEquals(
        List.of(KernelNeed.SECCOMP, KernelNeed.CGROUP_NAMESPACES, KernelNeed.PRESSURE),
        lacks(
            new OldKernel()
                .refuse("prctl", Errno.EINVAL)
                .refuse("current", Errno.ENOENT)
                .refuse("open", Errno.ENOENT),
            Cgroups.Version.V1));
  }

  @Test
  void cgroupsOfVersion2_areWorthFeaturesThatVersion1DoesNotMiss() throws Exception {
    assertEquals(
        List.of(KernelNeed.CLONE_INTO_CGROUP, KernelNeed.CGROUP_KILL),
        lacks(new OldKernel().version(5, 6), Cgroups.Version.V2));
    assertEquals(
        List.of(KernelNeed.CGROUP_KILL), lacks(new OldKernel().version(5, 13), Cgroups.Version.V2));
    assertEquals(List.of(), lacks(new OldKernel().version(5, 6), Cgroups.Version.V1));
  }

  @Test
  void userNamespaces_areListedWithWhatTheTrialFound() throws Exception {
    KernelFeatures features =
        KernelFeatures.probe(
            new OldKernel().linux(), Cgroups.Version.V1, Optional.of("mount overlay: EINVAL"));

    assertEquals(
        List.of(new Lack(KernelNeed.USER_NAMESPACES, "mount overlay: EINVAL")), features.lacks());
  }
}
