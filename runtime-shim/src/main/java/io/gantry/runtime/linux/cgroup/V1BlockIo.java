package io.gantry.runtime.linux.cgroup;

import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.oci.OciBlockIo;
import java.util.List;

/** The blkio controller, see the kernel's cgroup-v1/blkio-controller document. */
final class V1BlockIo {
  private V1BlockIo() {}

  static void apply(ControlDirectory directory, OciBlockIo io) throws LinuxException {
    // Since kernel 5.0 only the BFQ scheduler has weights, under names of its own.
    String prefix = directory.has("blkio.weight") ? "blkio.weight" : "blkio.bfq.weight";
    if (io.weight().orElse(0) != 0) {
      directory.write(prefix, io.weight().getAsInt());
    }
    if (io.leafWeight().orElse(0) != 0) {
      directory.write("blkio.leaf_weight", io.leafWeight().getAsInt());
    }
    for (OciBlockIo.Weight device : io.weightDevices()) {
      String number = device.major() + ":" + device.minor() + " ";
      if (device.weight().isPresent()) {
        directory.write(prefix + "_device", number + device.weight().getAsInt());
      }
      if (device.leafWeight().isPresent()) {
        directory.write("blkio.leaf_weight_device", number + device.leafWeight().getAsInt());
      }
    }
    throttle(directory, "blkio.throttle.read_bps_device", io.readBytesPerSecond());
    throttle(directory, "blkio.throttle.write_bps_device", io.writeBytesPerSecond());
    throttle(directory, "blkio.throttle.read_iops_device", io.readOperationsPerSecond());
    throttle(directory, "blkio.throttle.write_iops_device", io.writeOperationsPerSecond());
  }

  private static void throttle(
      ControlDirectory directory, String name, List<OciBlockIo.Throttle> devices)
      throws LinuxException {
    for (OciBlockIo.Throttle device : devices) {
      directory.write(name, device.major() + ":" + device.minor() + " " + device.rate());
    }
  }
}
