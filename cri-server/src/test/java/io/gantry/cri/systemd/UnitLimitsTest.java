package io.gantry.cri.systemd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gantry.cri.dbus.Variant;
import io.gantry.runtime.linux.cgroup.Cgroups.Version;
import io.gantry.runtime.linux.cgroup.HeldLimits;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class UnitLimitsTest {
  private static final OptionalLong NONE = OptionalLong.empty();
  private static final HeldLimits UNLIMITED =
      new HeldLimits(
          NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, "", "", NONE, List.of(),
          Map.of());

  private static Map<String, Variant> of(HeldLimits held, Version version) {
    return UnitLimits.of(held, version).stream()
        .collect(Collectors.toMap(Property::name, Property::value));
  }

  private static Variant number(long value) {
    return new Variant.Number(value);
  }

  @Test
  void lifted_isSaidToo() {
    Map<String, Variant> properties = of(UNLIMITED, Version.V2);
    for (String limit :
        List.of("MemoryMax", "MemoryHigh", "MemorySwapMax", "TasksMax", "CPUQuotaPerSecUSec")) {
      assertEquals(number(-1), properties.get(limit), limit);
    }
    assertEquals(number(0), properties.get("MemoryMin"));
    assertEquals(number(0), properties.get("MemoryLow"));
    assertEquals(new Variant.Bytes(List.of()), properties.get("AllowedCPUs"));
    assertEquals(new Variant.NamedNumbers(List.of()), properties.get("IOReadBandwidthMax"));
  }

  @Test
  void unified_hasTheNamesOfV2() {
    HeldLimits held =
        new HeldLimits(
            OptionalLong.of(39),
            NONE,
            OptionalLong.of(30_000),
            OptionalLong.of(20_000),
            OptionalLong.of(1),
            OptionalLong.of(2),
            OptionalLong.of(3),
            OptionalLong.of(4),
            OptionalLong.of(5),
            OptionalLong.of(6),
            "0-1,9",
            "0",
            OptionalLong.of(70),
            List.of(
                new HeldLimits.DiskRates(
                    8, 16, OptionalLong.of(100), NONE, NONE, OptionalLong.of(7))),
            Map.of());
    Map<String, Variant> properties = of(held, Version.V2);

    assertEquals(number(39), properties.get("CPUWeight"));
    assertEquals(number(1_500_000), properties.get("CPUQuotaPerSecUSec"));
    assertEquals(number(20_000), properties.get("CPUQuotaPeriodUSec"));
    assertEquals(number(1), properties.get("MemoryMin"));
    assertEquals(number(2), properties.get("MemoryLow"));
    assertEquals(number(3), properties.get("MemoryHigh"));
    assertEquals(number(4), properties.get("MemoryMax"));
    assertEquals(number(5), properties.get("MemorySwapMax"));
    assertEquals(number(6), properties.get("TasksMax"));
    assertEquals(number(70), properties.get("IOWeight"));
    assertEquals(new Variant.Bytes(List.of((byte) 3, (byte) 2)), properties.get("AllowedCPUs"));
    assertEquals(new Variant.Bytes(List.of((byte) 1)), properties.get("AllowedMemoryNodes"));
    assertEquals(rate(100), properties.get("IOReadBandwidthMax"));
    assertEquals(rate(7), properties.get("IOWriteIOPSMax"));
    assertEquals(new Variant.NamedNumbers(List.of()), properties.get("IOReadIOPSMax"));
  }

  private static Variant rate(long value) {
    return new Variant.NamedNumbers(List.of(new Variant.NamedNumber("/dev/block/8:16", value)));
  }

  @Test
  void older_hasTheNamesOfV1() {
    HeldLimits held =
        new HeldLimits(
            NONE,
            OptionalLong.of(512),
            NONE,
            NONE,
            NONE,
            NONE,
            NONE,
            OptionalLong.of(4096),
            NONE,
            NONE,
            "",
            "",
            NONE,
            List.of(),
            Map.of());
    Map<String, Variant> properties = of(held, Version.V1);
    assertEquals(number(512), properties.get("CPUShares"));
    assertEquals(number(4096), properties.get("MemoryLimit"));
    assertEquals(false, properties.containsKey("MemoryMax"));
    assertEquals(false, properties.containsKey("AllowedCPUs"));
    assertEquals(true, properties.containsKey("BlockIOReadBandwidth"));
  }
}
