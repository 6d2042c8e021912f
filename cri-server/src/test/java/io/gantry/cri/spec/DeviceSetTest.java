package io.gantry.cri.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.cri.grpc.CriException;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.Device;
import io.gantry.proto.cri.v1.LinuxContainerSecurityContext;
import io.gantry.runtime.oci.OciDevice;
import io.gantry.runtime.oci.OciDeviceRule;
import java.io.IOException;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class DeviceSetTest {
  private final FakeHost host =
      new FakeHost()
          .device("/dev/fuse", 'c', 10, 229)
          .device("/dev/snd/pcm0", 'c', 116, 3)
          .device("/dev/snd/by/id", 'c', 116, 4)
          .device("/dev/sda", 'b', 8, 0)
          .file("/dev/snd")
          .link("/dev/alias", "/dev/fuse")
          .file("/etc");

  @Test
  void of_deniesAllButTheUsualDevices() throws IOException {
    DeviceSet devices = of();
    assertEquals(List.of(), devices.nodes());
    assertEquals(OciDeviceRule.all(false), devices.rules().get(0));
    assertTrue(devices.rules().contains(rule('c', 1, 3, "rwm")));
    assertTrue(
        devices
            .rules()
            .contains(
                new OciDeviceRule(true, 'b', OptionalLong.empty(), OptionalLong.empty(), "m")));
  }

  @Test
  void of_addsADeviceWithItsRule() throws IOException {
    DeviceSet devices = of(device("/dev/fuse", "/dev/f", "rw"));
    assertEquals(
        List.of(new OciDevice("/dev/f", 'c', 10, 229, OptionalInt.of(0660), 0, 6)),
        devices.nodes());
    assertTrue(devices.rules().contains(rule('c', 10, 229, "rw")));
  }

  @Test
  void of_emptyPermissionsMeanAll() throws IOException {
    assertTrue(of(device("/dev/sda", "/dev/sda", "")).rules().contains(rule('b', 8, 0, "rwm")));
  }

  @Test
  void of_followsALinkOnTheHost() throws IOException {
    assertEquals(229, of(device("/dev/alias", "/dev/f", "r")).nodes().get(0).minor());
  }

  @Test
  void of_aDirectoryStandsForAllDevicesInIt() throws IOException {
    assertEquals(
        List.of("/dev/sound/by/id", "/dev/sound/pcm0"),
        of(device("/dev/snd", "/dev/sound", "r")).nodes().stream().map(OciDevice::path).toList());
  }

  @Test
  void of_privilegedHasAllDevices() throws IOException {
    ContainerConfig config =
        SpecFixture.secured(LinuxContainerSecurityContext.newBuilder().setPrivileged(true));
    DeviceSet devices = DeviceSet.of(SpecFixture.request(config), host, true);
    assertEquals(4, devices.nodes().size());
    assertEquals(List.of(OciDeviceRule.all(true)), devices.rules());
  }

  @Test
  void of_refusesWhatIsNoDevice() {
    assertEquals(
        "device /dev/none at /dev/x in container web: source does not exist",
        refused(device("/dev/none", "/dev/x", "r")).getMessage());
    assertTrue(refused(device("/etc", "/dev/x", "r")).getMessage().endsWith("holds none"));
    assertTrue(refused(device("/dev/fuse", "/dev/x", "rx")).getMessage().contains("\"rx\""));
    refused(device("/dev/fuse", "x", "r"));
  }

  private DeviceSet of(Device... asked) throws IOException {
    ContainerConfig config = SpecFixture.config().addAllDevices(List.of(asked)).build();
    return DeviceSet.of(SpecFixture.request(config), host, true);
  }

  private CriException refused(Device asked) {
    return assertThrows(CriException.class, () -> of(asked));
  }

  private static Device device(String source, String target, String permissions) {
    return Device.newBuilder()
        .setHostPath(source)
        .setContainerPath(target)
        .setPermissions(permissions)
        .build();
  }

  private static OciDeviceRule rule(char type, long major, long minor, String access) {
    return new OciDeviceRule(true, type, OptionalLong.of(major), OptionalLong.of(minor), access);
  }
}
