package io.gantry.runtime.linux.cgroup;

import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.oci.OciDeviceRule;
import java.util.List;

/** The devices controller, see the kernel's cgroup-v1/devices document. */
final class V1Devices {
  private V1Devices() {}

  static void apply(ControlDirectory directory, List<OciDeviceRule> rules) throws LinuxException {
    for (OciDeviceRule rule : rules) {
      directory.write(rule.allow() ? "devices.allow" : "devices.deny", text(rule));
    }
  }

  private static String text(OciDeviceRule rule) {
    if (rule.type() == 'a') {
      // The kernel takes "a" for everything at once; numbers after it would be ignored.
      return "a";
    }
    return rule.type()
        + " "
        + (rule.major().isPresent() ? Long.toString(rule.major().getAsLong()) : "*")
        + ":"
        + (rule.minor().isPresent() ? Long.toString(rule.minor().getAsLong()) : "*")
        + " "
        + rule.access();
  }
}
