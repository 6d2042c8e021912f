package io.gantry.runtime.oci;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Limits for the container's cgroup. What is absent is left as the kernel has it.
 *
 * @param pidsLimit most tasks; zero or less means no limit
 * @param unified cgroup v2 files by name, written last and as given
 */
public record OciResources(
    List<OciDeviceRule> devices,
    OciMemory memory,
    OciCpu cpu,
    OptionalLong pidsLimit,
    OciBlockIo blockIo,
    List<OciHugepageLimit> hugepageLimits,
    Map<String, String> unified) {

  /** No limit of any kind. */
  public static final OciResources NONE =
      new OciResources(
          List.of(),
          OciMemory.NONE,
          OciCpu.NONE,
          OptionalLong.empty(),
          OciBlockIo.NONE,
          List.of(),
          Map.of());

  public OciResources {
    devices = List.copyOf(devices);
    hugepageLimits = List.copyOf(hugepageLimits);
    unified = Ordered.copyOf(unified);
  }

  public OciResources withDevices(List<OciDeviceRule> devices) {
    return new OciResources(devices, memory, cpu, pidsLimit, blockIo, hugepageLimits, unified);
  }

  public OciResources withMemory(OciMemory memory) {
    return new OciResources(devices, memory, cpu, pidsLimit, blockIo, hugepageLimits, unified);
  }

  public OciResources withCpu(OciCpu cpu) {
    return new OciResources(devices, memory, cpu, pidsLimit, blockIo, hugepageLimits, unified);
  }

  public OciResources withPidsLimit(long limit) {
    return new OciResources(
        devices, memory, cpu, OptionalLong.of(limit), blockIo, hugepageLimits, unified);
  }

  public OciResources withBlockIo(OciBlockIo blockIo) {
    return new OciResources(devices, memory, cpu, pidsLimit, blockIo, hugepageLimits, unified);
  }

  public OciResources withHugepageLimits(List<OciHugepageLimit> limits) {
    return new OciResources(devices, memory, cpu, pidsLimit, blockIo, limits, unified);
  }

  public OciResources withUnified(Map<String, String> unified) {
    return new OciResources(devices, memory, cpu, pidsLimit, blockIo, hugepageLimits, unified);
  }
}
