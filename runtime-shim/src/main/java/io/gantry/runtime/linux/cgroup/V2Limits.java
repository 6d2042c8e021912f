package io.gantry.runtime.linux.cgroup;

import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.oci.OciBlockIo;
import io.gantry.runtime.oci.OciCpu;
import io.gantry.runtime.oci.OciMemory;
import io.gantry.runtime.oci.OciResources;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Limits in v2's files. Their values are v1's in the specification and are converted here. */
final class V2Limits {
  private V2Limits() {}

  static void apply(ControlDirectory directory, OciResources resources) throws IOException {
    memory(directory, resources.memory());
    cpu(directory, resources.cpu());
    if (resources.cpu().cpus().isPresent()) {
      directory.write("cpuset.cpus", resources.cpu().cpus().get());
    }
    if (resources.cpu().mems().isPresent()) {
      directory.write("cpuset.mems", resources.cpu().mems().get());
    }
    if (resources.pidsLimit().isPresent()) {
      PidsLimit.apply(directory, resources.pidsLimit().getAsLong());
    }
    blockIo(directory, resources.blockIo());
    Hugetlb.applyV2(directory, resources.hugepageLimits());
  }

  /** Written last and as given, so that they win over what was converted. */
  static void applyUnified(ControlDirectory directory, Map<String, String> unified)
      throws IOException {
    for (Map.Entry<String, String> entry : unified.entrySet()) {
      String name = entry.getKey();
      if (name.isEmpty() || name.indexOf('/') >= 0 || name.indexOf('.') <= 0) {
        throw new IOException("unified resource \"" + name + "\" is not the name of a file");
      }
      if (name.startsWith("cgroup.")) {
        throw new IOException("unified resource \"" + name + "\" is not a limit");
      }
      try {
        // Some files, such as io.max, take one line per write.
        for (String line : entry.getValue().split("\n")) {
          directory.write(name, line);
        }
      } catch (LinuxException e) {
        if (e.errno() == Errno.ENOENT) {
          throw new IOException(
              "unified resource \"" + name + "\": " + directory + " has no such file", e);
        }
        throw e;
      }
    }
  }

  /** Swappiness has no file on v2 and is left out, as by every runtime. */
  private static void memory(ControlDirectory directory, OciMemory memory) throws IOException {
    long limit = memory.limit().orElse(0);
    if (memory.checkBeforeUpdate().orElse(false) && limit > 0) {
      long usage = directory.number("memory.current").orElse(0);
      if (usage > limit) {
        throw new IOException(
            "set memory limit " + limit + " on " + directory + ": " + usage + " bytes are in use");
      }
    }
    swap(directory, limit, memory.swap().orElse(0));
    if (limit != 0) {
      directory.write("memory.max", text(limit));
    }
    if (memory.reservation().orElse(0) != 0) {
      directory.write("memory.low", text(memory.reservation().getAsLong()));
    }
  }

  /** memory.swap.max limits swap alone, the specification's number memory and swap together. */
  private static void swap(ControlDirectory directory, long limit, long swap) throws IOException {
    if (swap == 0 && limit != -1) {
      return;
    }
    if (!directory.has("memory.swap.max")) {
      boolean nothingAsked = swap <= 0 || swap == limit;
      if (nothingAsked) {
        return; // Without swap accounting there is no swap for cgroups to limit.
      }
    }
    if (swap <= 0) {
      directory.write("memory.swap.max", "max");
      return;
    }
    long memory = limit;
    if (memory == 0) {
      memory = directory.number("memory.max").orElse(-1);
    }
    if (memory <= 0) {
      throw new IOException(
          "set swap limit " + swap + " on " + directory + ": it needs a memory limit too");
    }
    if (swap < memory) {
      throw new IOException(
          "set swap limit "
              + swap
              + " on "
              + directory
              + ": it counts memory too and may not be below the memory limit "
              + memory);
    }
    directory.write("memory.swap.max", swap - memory);
  }

  private static String text(long limit) {
    return limit < 0 ? "max" : Long.toString(limit);
  }

  private static void cpu(ControlDirectory directory, OciCpu cpu) throws IOException {
    if (cpu.realtimeRuntimeMicros().orElse(0) != 0 || cpu.realtimePeriodMicros().orElse(0) != 0) {
      throw new IOException("set real-time CPU limits: cgroup v2 does not have them");
    }
    boolean idle = cpu.idle().orElse(0) == 1;
    if (cpu.idle().isPresent()) {
      directory.write("cpu.idle", cpu.idle().getAsLong());
    }
    // The kernel refuses a weight for an idle cgroup.
    if (cpu.shares().orElse(0) != 0 && !idle) {
      directory.write("cpu.weight", CpuWeight.ofShares(cpu.shares().getAsLong()));
    }
    boolean burstLater = false;
    if (cpu.burstMicros().isPresent()) {
      try {
        directory.write("cpu.max.burst", cpu.burstMicros().getAsLong());
      } catch (LinuxException e) {
        if (e.errno() != Errno.EINVAL) {
          throw e;
        }
        burstLater = true; // Burst may not exceed the quota, which may be about to grow.
      }
    }
    writeBandwidth(directory, cpu);
    if (burstLater) {
      directory.write("cpu.max.burst", cpu.burstMicros().getAsLong());
    }
  }

  private static void writeBandwidth(ControlDirectory directory, OciCpu cpu) throws LinuxException {
    long quota = cpu.quotaMicros().orElse(0);
    long period = cpu.periodMicros().orElse(0);
    if (quota == 0 && period == 0) {
      return;
    }
    String text;
    if (quota == 0) {
      // A period alone: the quota that holds must be written again with it.
      String now = directory.read("cpu.max");
      int space = now.indexOf(' ');
      text = space < 0 ? now : now.substring(0, space);
    } else {
      text = quota < 0 ? "max" : Long.toString(quota);
    }
    directory.write("cpu.max", period == 0 ? text : text + " " + period);
  }

  private static void blockIo(ControlDirectory directory, OciBlockIo io) throws LinuxException {
    if (io.weight().orElse(0) != 0) {
      if (directory.has("io.bfq.weight")) {
        directory.write("io.bfq.weight", io.weight().getAsInt());
      } else {
        directory.write("io.weight", CpuWeight.ofBlkioWeight(io.weight().getAsInt()));
      }
    }
    for (OciBlockIo.Weight device : io.weightDevices()) {
      if (device.weight().isPresent()) {
        directory.write(
            "io.bfq.weight",
            device.major() + ":" + device.minor() + " " + device.weight().getAsInt());
      }
    }
    throttle(directory, "rbps", io.readBytesPerSecond());
    throttle(directory, "wbps", io.writeBytesPerSecond());
    throttle(directory, "riops", io.readOperationsPerSecond());
    throttle(directory, "wiops", io.writeOperationsPerSecond());
  }

  private static void throttle(
      ControlDirectory directory, String key, List<OciBlockIo.Throttle> devices)
      throws LinuxException {
    for (OciBlockIo.Throttle device : devices) {
      String rate = device.rate() == 0 ? "max" : Long.toString(device.rate());
      directory.write("io.max", device.major() + ":" + device.minor() + " " + key + "=" + rate);
    }
  }
}
