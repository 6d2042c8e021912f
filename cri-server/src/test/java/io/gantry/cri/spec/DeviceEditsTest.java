package io.gantry.cri.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.gantry.cri.cdi.Devices;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.proto.cri.v1.CDIDevice;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.KeyValue;
import io.gantry.runtime.oci.OciDeviceRule;
import io.gantry.runtime.oci.OciMount;
import io.gantry.runtime.oci.OciSeccomp;
import io.gantry.runtime.oci.OciSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What CDI devices do to a container's specification. */
class DeviceEditsTest {
  private static final SeccompProfiles NONE =
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

  @TempDir Path directory;
  private final FakeHost host = new FakeHost();

  private OciSpec build(ContainerConfig.Builder config) throws Exception {
    Files.writeString(
        directory.resolve("a.json"),
        """
        {"cdiVersion": "0.6.0", "kind": "v.com/c", "devices": [{"name": "1", "containerEdits": {
           "env": ["MODE=device", "NEW=1"],
           "deviceNodes": [{"path": "/dev/x", "type": "c", "major": 7, "minor": 8,
                            "permissions": "r"}],
           "mounts": [{"hostPath": "/h", "containerPath": "/etc", "options": ["ro"]}],
           "hooks": [{"hookName": "createRuntime", "path": "/hook"}],
           "additionalGids": [0, 10, 99]}},
         {"name": "gone", "containerEdits": {"deviceNodes": [{"path": "/dev/none"}]}}]}
        """);
    ContainerSpec specs =
        new ContainerSpec(
            host,
            NONE,
            new FakeAppArmor(),
            new Devices(() -> List.of(directory)),
            (pod, id) -> pod + "/" + id,
            io.gantry.cri.config.Config.defaults().runtimes());
    return specs.build(SpecFixture.request(config.build()));
  }

  private static ContainerConfig.Builder with(String device) {
    return SpecFixture.config().addCDIDevices(CDIDevice.newBuilder().setName(device));
  }

  @Test
  void device_isInTheSpecification() throws Exception {
    KeyValue mode =
        KeyValue.newBuilder().setKey("MODE").setValue(ByteString.copyFromUtf8("own")).build();
    OciSpec spec = build(with("v.com/c=1").addEnvs(mode));
    List<String> env = spec.process().orElseThrow().env();
    assertTrue(env.contains("MODE=device") && env.contains("NEW=1"), env.toString());
    assertTrue(!env.contains("MODE=own"), env.toString());
    assertEquals("/dev/x", spec.linux().devices().get(0).path());
    List<OciDeviceRule> rules = spec.linux().resources().devices();
    assertEquals(
        new OciDeviceRule(true, 'c', OptionalLong.of(7), OptionalLong.of(8), "r"),
        rules.get(rules.size() - 1));
    assertEquals("/hook", spec.hooks().createRuntime().get(0).path());
    assertEquals(List.of(0L, 10L, 99L), spec.process().get().user().additionalGids());
  }

  @Test
  void mount_liesBelowWhatIsMountedInIt() throws Exception {
    List<OciMount> mounts = build(with("v.com/c=1")).mounts();
    List<String> places = mounts.stream().map(OciMount::destination).toList();
    int at = places.indexOf("/etc");
    assertTrue(at >= 0 && at < places.indexOf("/etc/hosts"), places.toString());
    assertEquals(OciMount.of("/etc", "bind", "/h", List.of("ro", "rbind")), mounts.get(at));
  }

  @Test
  void annotations_askForDevicesAsWell() throws Exception {
    ContainerConfig.Builder config =
        SpecFixture.config()
            .putAnnotations("cdi.k8s.io/plugin", "v.com/c=1")
            .putAnnotations("cdi.k8s.example/other", "nothing");
    assertEquals(1, build(config).hooks().createRuntime().size());
  }

  @Test
  void unknownDevice_isNamed() {
    for (String name : List.of("v.com/c=2", "v.com/c=gone")) {
      CriException refused = assertThrows(CriException.class, () -> build(with(name)));
      assertEquals(Failure.INVALID_REQUEST, refused.failure());
      assertTrue(
          refused.getMessage().startsWith("container web: CDI device " + name),
          refused.getMessage());
    }
  }
}
