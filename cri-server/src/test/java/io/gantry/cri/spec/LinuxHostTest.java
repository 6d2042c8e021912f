package io.gantry.cri.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.cri.spec.HostFacts.HostDevice;
import io.gantry.runtime.linux.Linux;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against the machine the test runs on; only what holds on every Linux is asserted. */
class LinuxHostTest {
  @TempDir Path directory;
  private LinuxHost host;

  @BeforeEach
  void setUp() throws IOException {
    host = new LinuxHost(Linux.open(), false, Optional.empty());
  }

  @Test
  void resolve_followsLinks() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("file"));
    assertEquals(Optional.of(file.toRealPath()), host.resolve(link));
    assertEquals(Optional.empty(), host.resolve(directory.resolve("missing")));
    Files.delete(file);
    assertEquals(Optional.empty(), host.resolve(link));
  }

  @Test
  void devices_ofADeviceIsItself() throws IOException {
    HostDevice device = host.devices(Path.of("/dev/null")).get(0);
    assertEquals('c', device.type());
    assertEquals(1, device.major());
    assertEquals(3, device.minor());
  }

  @Test
  void devices_ofADirectoryAreThoseBelow() throws IOException {
    List<Path> paths = host.devices(Path.of("/dev")).stream().map(HostDevice::path).toList();
    assertTrue(paths.contains(Path.of("/dev/zero")));
    assertFalse(paths.stream().anyMatch(path -> path.startsWith("/dev/pts")));
    assertEquals(List.of(), host.devices(directory));
    assertEquals(List.of(), host.devices(Path.of("/dev/missing")));
  }

  @Test
  void propagation_isFoundForEveryPath() throws IOException {
    assertNotNull(host.propagation(directory.toRealPath()));
  }

  @Test
  void capabilities_haveNamesOfTheKernel() {
    assertTrue(Capabilities.KNOWN.containsAll(host.capabilities()));
  }
}
