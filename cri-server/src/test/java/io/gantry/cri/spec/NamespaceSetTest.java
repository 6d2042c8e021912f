package io.gantry.cri.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.cri.pod.Pod;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.LinuxContainerConfig;
import io.gantry.proto.cri.v1.LinuxContainerSecurityContext;
import io.gantry.proto.cri.v1.NamespaceMode;
import io.gantry.proto.cri.v1.NamespaceOption;
import io.gantry.proto.cri.v1.UserNamespace;
import io.gantry.runtime.oci.OciNamespace;
import io.gantry.runtime.oci.OciNamespace.Type;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class NamespaceSetTest {

  @Test
  void of_joinsThePodsNamespaces() {
    assertEquals(
        List.of(
            OciNamespace.fresh(Type.MOUNT),
            OciNamespace.at(Type.NETWORK, "/pods/pod-1/ns/net"),
            OciNamespace.at(Type.IPC, "/pods/pod-1/ns/ipc"),
            OciNamespace.at(Type.UTS, "/pods/pod-1/ns/uts"),
            OciNamespace.fresh(Type.PID)),
        NamespaceSet.of(SpecFixture.request(SpecFixture.config().build()), false));
  }

  @Test
  void of_sharesTheHostsNamespacesWhereThePodHasNone() {
    Pod host = SpecFixture.hostPod(NamespaceMode.NODE);
    assertEquals(
        List.of(OciNamespace.fresh(Type.MOUNT)),
        NamespaceSet.of(
            SpecFixture.request(pid(NamespaceMode.NODE), host, OptionalInt.empty()), false));
  }

  @Test
  void of_podModeJoinsThePodsPids() {
    assertTrue(
        NamespaceSet.of(
                SpecFixture.request(
                    pid(NamespaceMode.POD), SpecFixture.podSharingPids(), OptionalInt.empty()),
                false)
            .contains(OciNamespace.at(Type.PID, "/pods/pod-1/ns/pid")));
  }

  @Test
  void of_podModeFollowsAPodThatHasNoPidsOfItsOwn() {
    assertEquals(
        List.of(OciNamespace.fresh(Type.MOUNT)),
        NamespaceSet.of(
            SpecFixture.request(
                pid(NamespaceMode.POD),
                SpecFixture.hostPod(NamespaceMode.NODE),
                OptionalInt.empty()),
            false));
    assertEquals(
        List.of(OciNamespace.fresh(Type.MOUNT), OciNamespace.fresh(Type.PID)),
        NamespaceSet.of(
            SpecFixture.request(
                pid(NamespaceMode.POD),
                SpecFixture.hostPod(NamespaceMode.CONTAINER),
                OptionalInt.empty()),
            false));
  }

  @Test
  void of_targetModeJoinsTheTargetsPids() {
    SpecRequest request =
        SpecFixture.request(pid(NamespaceMode.TARGET), SpecFixture.pod(), OptionalInt.of(77));
    assertTrue(
        NamespaceSet.of(request, false).contains(OciNamespace.at(Type.PID, "/proc/77/ns/pid")));
  }

  @Test
  void of_targetThatDoesNotRunIsRefused() {
    CriException refused =
        assertThrows(
            CriException.class,
            () -> NamespaceSet.of(SpecFixture.request(pid(NamespaceMode.TARGET)), false));
    assertEquals(Failure.WRONG_STATE, refused.failure());
  }

  @Test
  void of_unifiedCgroupsGiveACgroupNamespaceUnlessPrivileged() {
    SpecRequest plain = SpecFixture.request(SpecFixture.config().build());
    SpecRequest privileged =
        SpecFixture.request(
            SpecFixture.secured(LinuxContainerSecurityContext.newBuilder().setPrivileged(true)));
    OciNamespace cgroup = OciNamespace.fresh(Type.CGROUP);
    assertEquals(true, NamespaceSet.of(plain, true).contains(cgroup));
    assertEquals(false, NamespaceSet.of(privileged, true).contains(cgroup));
  }

  private static SpecRequest withUsers(Pod pod, UserNamespace asked) {
    ContainerConfig config =
        SpecFixture.secured(
            LinuxContainerSecurityContext.newBuilder()
                .setNamespaceOptions(
                    NamespaceOption.newBuilder()
                        .setPid(NamespaceMode.CONTAINER)
                        .setUsernsOptions(asked)));
    return SpecFixture.request(config, pod, OptionalInt.empty());
  }

  @Test
  void of_userNamespaceIsThePods() {
    OciNamespace pods = OciNamespace.at(Type.USER, "/pods/pod-1/ns/user");
    Pod pod = SpecFixture.podWithUsers();
    assertEquals(pods, NamespaceSet.of(withUsers(pod, SpecFixture.users(100000)), false).get(0));
    SpecRequest silent =
        SpecFixture.request(SpecFixture.config().build(), pod, OptionalInt.empty());
    assertEquals(pods, NamespaceSet.of(silent, false).get(0));
  }

  @Test
  void of_usersOtherThanThePodsAreRefused() {
    UserNamespace host = UserNamespace.newBuilder().setMode(NamespaceMode.NODE).build();
    UserNamespace target = UserNamespace.newBuilder().setMode(NamespaceMode.TARGET).build();
    for (SpecRequest request :
        List.of(
            withUsers(SpecFixture.podWithUsers(), SpecFixture.users(200000)),
            withUsers(SpecFixture.podWithUsers(), host),
            withUsers(SpecFixture.podWithUsers(), target),
            withUsers(SpecFixture.pod(), SpecFixture.users(100000)))) {
      CriException refused =
          assertThrows(CriException.class, () -> NamespaceSet.of(request, false));
      assertEquals(Failure.INVALID_REQUEST, refused.failure());
      assertEquals(
          "container web: its user namespace or id mappings are not those of its pod",
          refused.getMessage());
    }
    assertEquals(
        Type.MOUNT, NamespaceSet.of(withUsers(SpecFixture.pod(), host), false).get(0).type());
  }

  /** Set, not merged: mode POD is the default value, which a merge would pass over. */
  private static ContainerConfig pid(NamespaceMode mode) {
    return SpecFixture.config()
        .setLinux(
            LinuxContainerConfig.newBuilder()
                .setSecurityContext(
                    LinuxContainerSecurityContext.newBuilder()
                        .setNamespaceOptions(NamespaceOption.newBuilder().setPid(mode))))
        .build();
  }
}
