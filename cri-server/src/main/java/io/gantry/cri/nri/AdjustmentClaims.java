package io.gantry.cri.nri;

import io.gantry.proto.nri.AdjustedField;
import io.gantry.proto.nri.CDIDevice;
import io.gantry.proto.nri.ContainerAdjustment;
import io.gantry.proto.nri.KeyValue;
import io.gantry.proto.nri.LinuxContainerAdjustment;
import io.gantry.proto.nri.LinuxDevice;
import io.gantry.proto.nri.LinuxNamespace;
import io.gantry.proto.nri.LinuxRdt;
import io.gantry.proto.nri.Mount;
import io.gantry.proto.nri.POSIXRlimit;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Claims all that one plugin adjusts of a container. */
final class AdjustmentClaims {
  private final Claims claims;
  private final String container;
  private final PluginName plugin;

  private AdjustmentClaims(Claims claims, String container, PluginName plugin) {
    this.claims = claims;
    this.container = container;
    this.plugin = plugin;
  }

  /**
   * @throws IOException naming both plugins, if another has claimed any of it
   */
  static void claim(
      Claims claims, String container, ContainerAdjustment adjustment, PluginName plugin)
      throws IOException {
    new AdjustmentClaims(claims, container, plugin).claim(adjustment);
  }

  private void claim(ContainerAdjustment adjustment) throws IOException {
    entries(AdjustedField.ANNOTATIONS, adjustment.getAnnotationsMap().keySet());
    entries(
        AdjustedField.MOUNTS,
        adjustment.getMountsList().stream().map(Mount::getDestination).toList());
    entries(AdjustedField.ENV, adjustment.getEnvList().stream().map(KeyValue::getKey).toList());
    if (adjustment.getArgsCount() > 0) {
      if (adjustment.getArgs(0).isEmpty()) {
        claims.release(container, AdjustedField.ARGS, Optional.empty());
      }
      claims.claim(container, AdjustedField.ARGS, plugin);
    }
    if (adjustment.hasHooks()) {
      claims.share(container, AdjustedField.OCI_HOOKS, plugin);
    }
    entries(
        AdjustedField.RLIMITS,
        adjustment.getRlimitsList().stream().map(POSIXRlimit::getType).toList());
    entries(
        AdjustedField.CDI_DEVICES,
        adjustment.getCDIDevicesList().stream().map(CDIDevice::getName).toList());
    linux(adjustment.getLinux());
  }

  private void linux(LinuxContainerAdjustment linux) throws IOException {
    entries(
        AdjustedField.DEVICES, linux.getDevicesList().stream().map(LinuxDevice::getPath).toList());
    for (LinuxNamespace namespace : linux.getNamespacesList()) {
      // Taking a namespace away is a choice as well as giving one is.
      claims.claim(
          container, AdjustedField.NAMESPACE, Adjustments.bare(namespace.getType()), plugin);
    }
    entries(AdjustedField.SYSCTL, linux.getSysctlMap().keySet());
    entries(AdjustedField.NET_DEVICES, linux.getNetDevicesMap().keySet());
    claims.claim(container, linux.getResources(), plugin);
    single(!linux.getCgroupsPath().isEmpty(), AdjustedField.CGROUPS_PATH);
    single(linux.hasOomScoreAdj(), AdjustedField.OOM_SCORE_ADJ);
    single(linux.hasIoPriority(), AdjustedField.IO_PRIORITY);
    single(linux.hasSeccompPolicy(), AdjustedField.SECCOMP_POLICY);
    single(linux.hasScheduler(), AdjustedField.SCHEDULER);
    single(linux.hasMemoryPolicy(), AdjustedField.MEMORY_POLICY);
    LinuxRdt rdt = linux.getRdt();
    single(rdt.hasClosId(), AdjustedField.RDT_CLOS_ID);
    single(rdt.hasSchemata(), AdjustedField.RDT_SCHEMATA);
    single(rdt.hasEnableMonitoring(), AdjustedField.RDT_ENABLE_MONITORING);
  }

  private void single(boolean set, AdjustedField field) throws IOException {
    if (set) {
      claims.claim(container, field, plugin);
    }
  }

  /** A removal overrules whoever has set the entry before; only what is set is claimed. */
  private void entries(AdjustedField field, Collection<String> names) throws IOException {
    List<String> set = new ArrayList<>();
    for (String name : names) {
      if (Adjustments.isRemoval(name)) {
        claims.release(container, field, Optional.of(Adjustments.bare(name)));
      } else {
        set.add(name);
      }
    }
    for (String name : set) {
      claims.claim(container, field, name, plugin);
    }
  }
}
