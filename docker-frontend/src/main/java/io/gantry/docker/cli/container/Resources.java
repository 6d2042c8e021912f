package io.gantry.docker.cli.container;

import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.json.JsonObject;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.BadUsage;
import java.math.BigDecimal;

/** Limits of a container, which can be given at its creation and later. */
final class Resources {
  private Resources() {}

  static void put(JsonObject target, Arguments given) {
    number(target, given, "blkio-weight", "BlkioWeight");
    number(target, given, "cpu-period", "CpuPeriod");
    number(target, given, "cpu-quota", "CpuQuota");
    number(target, given, "cpu-shares", "CpuShares");
    given
        .value("cpus")
        .ifPresent(
            cpus -> target.put("NanoCpus", new BigDecimal(cpus).movePointRight(9).longValue()));
    text(target, given, "cpuset-cpus", "CpusetCpus");
    text(target, given, "cpuset-mems", "CpusetMems");
    bytes(target, given, "memory", "Memory");
    bytes(target, given, "memory-reservation", "MemoryReservation");
    bytes(target, given, "memory-swap", "MemorySwap");
    number(target, given, "pids-limit", "PidsLimit");
  }

  static void number(JsonObject target, Arguments given, String flag, String name) {
    given.number(flag).ifPresent(value -> target.put(name, value));
  }

  static void bytes(JsonObject target, Arguments given, String flag, String name) {
    given.bytes(flag).ifPresent(value -> target.put(name, value));
  }

  static void text(JsonObject target, Arguments given, String flag, String name) {
    given.value(flag).ifPresent(value -> target.put(name, value));
  }

  /** {@code on-failure:3} and its like. */
  static Json restartPolicy(String given) throws BadUsage {
    int colon = given.indexOf(':');
    String name = colon < 0 ? given : given.substring(0, colon);
    String count = colon < 0 ? "0" : given.substring(colon + 1);
    if (!count.matches("\\d{1,9}")) {
      throw BadUsage.flag(
          "invalid restart policy \"" + given + "\": maximum retry count must be an integer");
    }
    return new JsonObject()
        .put("Name", name)
        .put("MaximumRetryCount", Long.parseLong(count))
        .build();
  }
}
