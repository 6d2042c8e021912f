package io.gantry.cri.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.cri.spec.HostFacts.Propagation;
import io.gantry.proto.cri.v1.IDMapping;
import io.gantry.proto.cri.v1.Mount;
import io.gantry.proto.cri.v1.MountPropagation;
import io.gantry.runtime.oci.OciIdMapping;
import io.gantry.runtime.oci.OciMount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RequestedMountsTest {
  private final FakeHost host = new FakeHost().file("/data").link("/link", "/data");

  @Test
  void of_bindsTheSource() throws IOException {
    assertEquals(
        OciMount.of("/var/lib/x", "bind", "/data", List.of("rbind", "rprivate", "rw")),
        one(mount("/data")));
  }

  @Test
  void of_resolvesALinkOnTheHost() throws IOException {
    assertEquals("/data", one(mount("/link")).source().orElseThrow());
  }

  @Test
  void of_normalisesThePathInTheContainer() throws IOException {
    assertEquals("/a/c", one(mount("/data").setContainerPath("/a/b/../c/")).destination());
  }

  @Test
  void of_readonly() throws IOException {
    assertEquals(
        List.of("rbind", "rprivate", "ro"), one(mount("/data").setReadonly(true)).options());
  }

  @Test
  void of_recursiveReadOnly() throws IOException {
    assertEquals(
        List.of("rbind", "rprivate", "rro"),
        one(mount("/data").setReadonly(true).setRecursiveReadOnly(true)).options());
  }

  @Test
  void of_addsMountOptions() throws IOException {
    assertEquals(
        List.of("rbind", "rprivate", "rw", "noexec", "nosuid"),
        one(mount("/data").addMountOptions("noexec").addMountOptions("nosuid")).options());
  }

  @ParameterizedTest
  @CsvSource({
    "PROPAGATION_BIDIRECTIONAL,     SHARED, rshared",
    "PROPAGATION_HOST_TO_CONTAINER, SHARED, rslave",
    "PROPAGATION_HOST_TO_CONTAINER, SLAVE,  rslave",
    "PROPAGATION_PRIVATE,           SHARED, rprivate",
  })
  void of_propagation(MountPropagation asked, Propagation source, String option)
      throws IOException {
    host.propagations.put(Path.of("/data"), source);
    assertEquals(option, one(mount("/data").setPropagation(asked)).options().get(1));
  }

  @ParameterizedTest
  @CsvSource({
    "PROPAGATION_BIDIRECTIONAL,     PRIVATE",
    "PROPAGATION_BIDIRECTIONAL,     SLAVE",
    "PROPAGATION_HOST_TO_CONTAINER, PRIVATE",
  })
  void of_refusesPropagationThatTheSourceCannotGive(MountPropagation asked, Propagation source) {
    host.propagations.put(Path.of("/data"), source);
    assertTrue(refused(mount("/data").setPropagation(asked)).getMessage().contains("propagation"));
  }

  @Test
  void of_missingSourceIsNamed() {
    CriException refused = refused(mount("/nowhere"));
    assertEquals(
        "mount /nowhere at /var/lib/x in container web: source does not exist",
        refused.getMessage());
    assertEquals(Failure.INVALID_REQUEST, refused.failure());
  }

  @Test
  void of_recursiveReadOnlyNeedsReadonly() {
    assertTrue(
        refused(mount("/data").setRecursiveReadOnly(true))
            .getMessage()
            .endsWith("recursive_read_only needs readonly"));
  }

  @ParameterizedTest
  @EnumSource(
      value = MountPropagation.class,
      names = {"PROPAGATION_BIDIRECTIONAL", "PROPAGATION_HOST_TO_CONTAINER"})
  void of_recursiveReadOnlyNeedsPrivatePropagation(MountPropagation propagation) {
    host.propagations.put(Path.of("/data"), Propagation.SHARED);
    Mount.Builder mount =
        mount("/data").setReadonly(true).setRecursiveReadOnly(true).setPropagation(propagation);
    assertTrue(refused(mount).getMessage().endsWith("needs private propagation"));
  }

  @Test
  void of_recursiveReadOnlyOnAnOldKernelHasTheKubeletsWord() {
    host.recursiveReadOnly = false;
    assertTrue(
        refused(mount("/data").setReadonly(true).setRecursiveReadOnly(true))
            .getMessage()
            .startsWith("RROUnsupported: "));
  }

  @Test
  void of_refusesPathsThatCannotBe() {
    refused(mount("data"));
    refused(mount("/data").setContainerPath("relative"));
    refused(mount("/data").setContainerPath("/"));
    refused(mount("/data").setContainerPath("/a/.."));
    refused(mount("/data").addMountOptions("suid"));
  }

  @Test
  void of_idMappingsAreTheMountsOwn() throws Exception {
    IDMapping mapping =
        IDMapping.newBuilder().setContainerId(0).setHostId(-1 << 16).setLength(65535).build();
    OciMount made = one(mount("/data").addUidMappings(mapping).addGidMappings(mapping));
    assertEquals(
        List.of(new OciIdMapping(0, 0xffff0000L, 65535)), made.uidMappings(), "ids are unsigned");
    assertEquals(made.uidMappings(), made.gidMappings());
    refused(mount("/data").addUidMappings(mapping));
  }

  private OciMount one(Mount.Builder mount) throws IOException {
    return RequestedMounts.of("web", List.of(mount.build()), host).mounts().get(0);
  }

  private CriException refused(Mount.Builder mount) {
    return assertThrows(CriException.class, () -> one(mount));
  }

  private static Mount.Builder mount(String source) {
    return Mount.newBuilder().setHostPath(source).setContainerPath("/var/lib/x");
  }
}
