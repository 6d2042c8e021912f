package io.gantry.docker.engine.options;

import com.fasterxml.jackson.databind.JsonNode;
import io.gantry.docker.engine.api.EngineException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Wishes that cannot be met: each is refused, as nothing may be silently ignored. */
final class Unsupported {
  private static final Map<String, String> LISTS = new LinkedHashMap<>();
  private static final Map<String, String> NUMBERS = new LinkedHashMap<>();

  static {
    LISTS.put("BlkioWeightDevice", "--blkio-weight-device");
    LISTS.put("BlkioDeviceReadBps", "--device-read-bps");
    LISTS.put("BlkioDeviceWriteBps", "--device-write-bps");
    LISTS.put("BlkioDeviceReadIOps", "--device-read-iops");
    LISTS.put("BlkioDeviceWriteIOps", "--device-write-iops");
    LISTS.put("DeviceCgroupRules", "--device-cgroup-rule");
    LISTS.put("StorageOpt", "--storage-opt");
    LISTS.put("Links", "--link (use a network of your own: names are found there)");
    NUMBERS.put("BlkioWeight", "--blkio-weight");
    NUMBERS.put("CpuRealtimePeriod", "--cpu-rt-period");
    NUMBERS.put("CpuRealtimeRuntime", "--cpu-rt-runtime");
    NUMBERS.put("MemoryReservation", "--memory-reservation");
    NUMBERS.put("KernelMemory", "--kernel-memory");
    NUMBERS.put("CpuCount", "--cpu-count");
    NUMBERS.put("CpuPercent", "--cpu-percent");
    NUMBERS.put("IOMaximumIOps", "--io-maxiops");
    NUMBERS.put("IOMaximumBandwidth", "--io-maxbandwidth");
  }

  private Unsupported() {}

  static void refuse(JsonNode host) throws EngineException {
    for (Map.Entry<String, String> list : LISTS.entrySet()) {
      if (!host.path(list.getKey()).isEmpty()) {
        throw refusal(list.getValue());
      }
    }
    for (Map.Entry<String, String> number : NUMBERS.entrySet()) {
      if (host.path(number.getKey()).asLong() != 0) {
        throw refusal(number.getValue());
      }
    }
    long swappiness = host.path("MemorySwappiness").asLong(-1);
    if (swappiness != -1) {
      throw refusal("--memory-swappiness");
    }
    if (host.path("OomKillDisable").asBoolean()) {
      throw refusal("--oom-kill-disable");
    }
    only(host, "Isolation", "--isolation", Set.of("", "default"));
    only(host, "VolumeDriver", "--volume-driver", Set.of("", "local"));
    only(host, "UsernsMode", "--userns", Set.of("", "host"));
    only(host, "CgroupnsMode", "--cgroupns", Set.of(""));
    only(host, "Cgroup", "a cgroup of another container's", Set.of(""));
  }

  private static void only(JsonNode host, String field, String flag, Set<String> known)
      throws EngineException {
    String value = host.path(field).asText("");
    if (!host.path(field).isNull() && !known.contains(value)) {
      throw EngineException.badRequest("gantry does not support " + flag + " " + value);
    }
  }

  private static EngineException refusal(String what) {
    return EngineException.badRequest("gantry does not support " + what);
  }
}
