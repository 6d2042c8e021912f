package io.gantry.runtime.linux.cgroup;

import io.gantry.runtime.linux.LinuxException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** Reads the limits of a v2 cgroup back. */
final class V2HeldLimits {
  private static final Map<String, String> RESET =
      Map.of("memory.oom.group", "0", "memory.zswap.max", "max");

  private V2HeldLimits() {}

  static HeldLimits read(ControlDirectory directory) throws LinuxException {
    String bandwidth = directory.readIfPresent("cpu.max");
    int space = bandwidth.indexOf(' ');
    String quota = space < 0 ? bandwidth : bandwidth.substring(0, space);
    String period = space < 0 ? "" : bandwidth.substring(space + 1);
    OptionalLong weight =
        directory.number("cpu.idle").orElse(0) == 1
            ? OptionalLong.of(0)
            : directory.number("cpu.weight");
    return new HeldLimits(
        weight,
        OptionalLong.empty(),
        ControlText.number(quota),
        ControlText.number(period),
        positive(directory.number("memory.min")),
        positive(directory.number("memory.low")),
        directory.number("memory.high"),
        directory.number("memory.max"),
        directory.number("memory.swap.max"),
        directory.number("pids.max"),
        directory.readIfPresent("cpuset.cpus"),
        directory.readIfPresent("cpuset.mems"),
        ControlText.field(directory.readIfPresent("io.weight"), "default", ' '),
        rates(directory.readIfPresent("io.max")),
        others(directory));
  }

  /**
   * systemd writes the default of these whenever it writes a limit of memory: the first for want of
   * OOMPolicy= in scopes (before 253), the second because nobody has told it (since 253).
   */
  private static Map<String, String> others(ControlDirectory directory) throws LinuxException {
    Map<String, String> others = new HashMap<>();
    for (Map.Entry<String, String> usual : RESET.entrySet()) {
      String value = directory.readIfPresent(usual.getKey());
      if (!value.isEmpty() && !value.equals(usual.getValue())) {
        others.put(usual.getKey(), value);
      }
    }
    return others;
  }

  /** Protection of nothing is none. */
  private static OptionalLong positive(OptionalLong protection) {
    return protection.isPresent() && protection.getAsLong() == 0
        ? OptionalLong.empty()
        : protection;
  }

  /** Lines such as {@code 8:16 rbps=2097152 wbps=max riops=max wiops=120}. */
  private static List<HeldLimits.DiskRates> rates(String text) {
    List<HeldLimits.DiskRates> rates = new ArrayList<>();
    for (String line : text.split("\n")) {
      int colon = line.indexOf(':');
      int space = line.indexOf(' ');
      if (colon > 0 && space > colon) {
        rates.add(
            new HeldLimits.DiskRates(
                Long.parseLong(line.substring(0, colon)),
                Long.parseLong(line.substring(colon + 1, space)),
                ControlText.field(line, "rbps", '='),
                ControlText.field(line, "wbps", '='),
                ControlText.field(line, "riops", '='),
                ControlText.field(line, "wiops", '=')));
      }
    }
    return rates;
  }
}
