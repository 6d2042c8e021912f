package io.gantry.cri.cdi;

import java.nio.file.Path;
import java.util.Map;

/**
 * A CDI specification: devices of one kind.
 *
 * @param common edits for every container that gets any of the devices
 * @param devices edits by the device's name
 */
record DeviceSpec(Path file, String kind, Edits common, Map<String, Edits> devices) {
  DeviceSpec {
    devices = Map.copyOf(devices);
  }
}
