package io.gantry.cri.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.LinuxContainerSecurityContext;
import io.gantry.runtime.oci.OciMount;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MountsTest {
  private static final ContainerConfig PLAIN = SpecFixture.config().build();

  @Test
  void of_kernelFileSystemsThenPodFilesByDepth() {
    assertEquals(
        List.of(
            "/proc",
            "/dev",
            "/dev/pts",
            "/dev/mqueue",
            "/sys",
            "/sys/fs/cgroup",
            "/etc/hostname",
            "/etc/hosts",
            "/etc/resolv.conf",
            "/dev/shm"),
        destinations(Mounts.of(SpecFixture.request(PLAIN), requested())));
  }

  @Test
  void of_parentsComeBeforeWhatLiesBelowThem() {
    List<String> all =
        destinations(
            Mounts.of(SpecFixture.request(PLAIN), requested("/data/a/b", "/data", "/data/a")));
    assertTrue(all.indexOf("/data") < all.indexOf("/data/a"));
    assertTrue(all.indexOf("/data/a") < all.indexOf("/data/a/b"));
  }

  @Test
  void of_requestedMountTakesTheDefaultsPlace() {
    for (String path : List.of("/etc/hosts", "/sys", "/proc", "/dev/shm", "/etc/resolv.conf")) {
      List<OciMount> all = Mounts.of(SpecFixture.request(PLAIN), requested(path));
      assertEquals(
          List.of("/source"),
          all.stream()
              .filter(mount -> mount.destination().equals(path))
              .map(mount -> mount.source().orElseThrow())
              .toList());
    }
  }

  @Test
  void of_requestedDevTakesAllBelowAway() {
    List<String> all = destinations(Mounts.of(SpecFixture.request(PLAIN), requested("/dev")));
    assertEquals(1, all.stream().filter(path -> path.startsWith("/dev")).count());
  }

  @Test
  void of_podFilesFollowAReadonlyRootButSharedMemoryDoesNot() {
    SpecRequest request =
        SpecFixture.request(
            SpecFixture.secured(
                LinuxContainerSecurityContext.newBuilder().setReadonlyRootfs(true)));
    List<OciMount> all = Mounts.of(request, requested());
    assertTrue(options(all, "/etc/hosts").contains("ro"));
    assertTrue(options(all, "/dev/shm").contains("rw"));
  }

  @Test
  void of_privilegedSeesSysWritable() {
    SpecRequest request =
        SpecFixture.request(
            SpecFixture.secured(LinuxContainerSecurityContext.newBuilder().setPrivileged(true)));
    for (String path : List.of("/sys", "/sys/fs/cgroup")) {
      assertTrue(options(Mounts.of(SpecFixture.request(PLAIN), requested()), path).contains("ro"));
      assertFalse(options(Mounts.of(request, requested()), path).contains("ro"));
    }
  }

  @Test
  void rootPropagation_followsTheWidestMount() {
    assertEquals(Optional.empty(), Mounts.rootPropagation(List.of(bind("/a", "rprivate"))));
    assertEquals(
        Optional.of("rslave"),
        Mounts.rootPropagation(List.of(bind("/a", "rprivate"), bind("/b", "rslave"))));
    assertEquals(
        Optional.of("rshared"),
        Mounts.rootPropagation(List.of(bind("/a", "rslave"), bind("/b", "rshared"))));
  }

  private static RequestedMounts requested(String... destinations) {
    return new RequestedMounts(
        List.of(destinations).stream().map(path -> bind(path, "rprivate")).toList());
  }

  private static OciMount bind(String destination, String propagation) {
    return OciMount.of(destination, "bind", "/source", List.of("rbind", propagation, "rw"));
  }

  private static List<String> destinations(List<OciMount> mounts) {
    return mounts.stream().map(OciMount::destination).toList();
  }

  private static List<String> options(List<OciMount> mounts, String destination) {
    return mounts.stream()
        .filter(mount -> mount.destination().equals(destination))
        .findFirst()
        .orElseThrow()
        .options();
  }
}
