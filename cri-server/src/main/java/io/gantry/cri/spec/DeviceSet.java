package io.gantry.cri.spec;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.spec.HostFacts.HostDevice;
import io.gantry.proto.cri.v1.Device;
import io.gantry.runtime.oci.OciDevice;
import io.gantry.runtime.oci.OciDeviceRule;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * The device nodes a container gets beyond those every container has, and what it may open.
 *
 * @param rules the whole allow list, later rules winning
 */
record DeviceSet(List<OciDevice> nodes, List<OciDeviceRule> rules) {
  private static final String FULL_ACCESS = "rwm";

  /**
   * null, zero, full, random, urandom, tty, console, ptmx and the terminals, by major and minor;
   * and making nodes of any kind.
   */
  private static final List<OciDeviceRule> ALWAYS_ALLOWED =
      List.of(
          character(1, OptionalLong.of(3)),
          character(1, OptionalLong.of(5)),
          character(1, OptionalLong.of(7)),
          character(1, OptionalLong.of(8)),
          character(1, OptionalLong.of(9)),
          character(5, OptionalLong.of(0)),
          character(5, OptionalLong.of(1)),
          character(5, OptionalLong.of(2)),
          character(136, OptionalLong.empty()),
          // To make a node is not to open it; other runtimes let containers do so, and image builds
          // in containers rely on it.
          makeAny('c'),
          makeAny('b'));

  DeviceSet {
    nodes = List.copyOf(nodes);
    rules = List.copyOf(rules);
  }

  /**
   * @param hostDevices whether a privileged container has all of the host's
   * @throws CriException if a device of the request is not there, is no device, or has unknown
   *     permissions
   */
  static DeviceSet of(SpecRequest request, HostFacts host, boolean hostDevices) throws IOException {
    if (request.privileged()) {
      List<OciDevice> nodes = new ArrayList<>();
      List<HostDevice> found = hostDevices ? host.devices(Path.of("/dev")) : List.of();
      for (HostDevice device : found) {
        nodes.add(node(device, device.path()));
      }
      return new DeviceSet(nodes, List.of(OciDeviceRule.all(true)));
    }
    List<OciDevice> nodes = new ArrayList<>();
    List<OciDeviceRule> rules = new ArrayList<>();
    rules.add(OciDeviceRule.all(false));
    rules.addAll(ALWAYS_ALLOWED);
    for (Device asked : request.config().getDevicesList()) {
      add(request.name(), asked, host, nodes, rules);
    }
    return new DeviceSet(nodes, rules);
  }

  private static void add(
      String container,
      Device asked,
      HostFacts host,
      List<OciDevice> nodes,
      List<OciDeviceRule> rules)
      throws IOException {
    String words =
        "device "
            + asked.getHostPath()
            + " at "
            + asked.getContainerPath()
            + " in container "
            + container;
    String access = access(asked.getPermissions(), words);
    Path source =
        host.resolve(Path.of(asked.getHostPath()))
            .orElseThrow(() -> CriException.invalid(words + ": source does not exist"));
    Path target =
        Path.of(
            asked.getContainerPath().isEmpty() ? asked.getHostPath() : asked.getContainerPath());
    if (!target.isAbsolute()) {
      throw CriException.invalid(words + ": the path in the container is not absolute");
    }
    List<HostDevice> devices = host.devices(source);
    if (devices.isEmpty()) {
      throw CriException.invalid(words + ": source is not a device and holds none");
    }
    for (HostDevice device : devices) {
      nodes.add(node(device, target.resolve(source.relativize(device.path())).normalize()));
      rules.add(
          new OciDeviceRule(
              true,
              device.type(),
              OptionalLong.of(device.major()),
              OptionalLong.of(device.minor()),
              access));
    }
  }

  private static String access(String permissions, String words) {
    if (permissions.isEmpty()) {
      return FULL_ACCESS;
    }
    if (!permissions.chars().allMatch(letter -> FULL_ACCESS.indexOf(letter) >= 0)) {
      throw CriException.invalid(
          words + ": permissions \"" + permissions + "\" hold other letters than r, w and m");
    }
    return permissions;
  }

  private static OciDevice node(HostDevice device, Path path) {
    return new OciDevice(
        path.toString(),
        device.type(),
        device.major(),
        device.minor(),
        OptionalInt.of(device.permissions()),
        device.uid(),
        device.gid());
  }

  private static OciDeviceRule character(long major, OptionalLong minor) {
    return new OciDeviceRule(true, 'c', OptionalLong.of(major), minor, FULL_ACCESS);
  }

  private static OciDeviceRule makeAny(char type) {
    return new OciDeviceRule(true, type, OptionalLong.empty(), OptionalLong.empty(), "m");
  }
}
