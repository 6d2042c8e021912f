package io.gantry.cri.nri;

import io.gantry.proto.nri.CDIDevice;
import io.gantry.proto.nri.ContainerAdjustment;
import io.gantry.proto.nri.Hook;
import io.gantry.proto.nri.Hooks;
import io.gantry.proto.nri.IOPrioClass;
import io.gantry.proto.nri.KeyValue;
import io.gantry.proto.nri.LinuxContainerAdjustment;
import io.gantry.proto.nri.LinuxDevice;
import io.gantry.proto.nri.LinuxNamespace;
import io.gantry.proto.nri.Mount;
import io.gantry.proto.nri.POSIXRlimit;
import io.gantry.runtime.oci.OciDevice;
import io.gantry.runtime.oci.OciDeviceRule;
import io.gantry.runtime.oci.OciHook;
import io.gantry.runtime.oci.OciIoPriority;
import io.gantry.runtime.oci.OciMount;
import io.gantry.runtime.oci.OciNamespace;
import io.gantry.runtime.oci.OciRlimit;
import io.gantry.runtime.oci.OciSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/** Carries out what a plugin wants a container to be made like. */
final class Adjustments {
  /** What a name begins with whose entry is to be removed. */
  private static final String REMOVAL = "-";

  private final PluginName plugin;
  private SpecDraft spec;

  private Adjustments(OciSpec spec, PluginName plugin) {
    this.plugin = plugin;
    this.spec = new SpecDraft(spec);
  }

  /**
   * The specification as the plugin wants it. What the plugin says itself goes before what devices
   * of vendors' specifications bring with them.
   *
   * @throws IOException naming the plugin and what gantry cannot do
   */
  static OciSpec apply(
      OciSpec spec, ContainerAdjustment adjustment, PluginName plugin, DeviceGiver devices)
      throws IOException {
    Adjustments work = new Adjustments(spec, plugin);
    work.vendorDevices(adjustment.getCDIDevicesList(), devices);
    work.entries(work.spec.annotations, adjustment.getAnnotationsMap());
    work.mounts(adjustment.getMountsList());
    work.env(adjustment.getEnvList());
    work.args(adjustment.getArgsList());
    work.hooks(adjustment.getHooks());
    for (POSIXRlimit limit : adjustment.getRlimitsList()) {
      work.spec.rlimits.put(
          limit.getType(), new OciRlimit(limit.getType(), limit.getSoft(), limit.getHard()));
    }
    work.linux(adjustment.getLinux());
    return work.spec.toSpec();
  }

  private void vendorDevices(List<CDIDevice> wanted, DeviceGiver devices) throws IOException {
    if (wanted.isEmpty()) {
      return;
    }
    Set<String> names = new LinkedHashSet<>();
    for (CDIDevice device : wanted) {
      names.add(device.getName());
    }
    try {
      spec = new SpecDraft(devices.give(names, spec.toSpec()));
    } catch (IllegalArgumentException e) {
      throw new IOException("NRI plugin " + plugin + ": " + e.getMessage(), e);
    }
  }

  static boolean isRemoval(String name) {
    return name.startsWith(REMOVAL);
  }

  /** The name without the mark of removal. */
  static String bare(String name) {
    return isRemoval(name) ? name.substring(REMOVAL.length()) : name;
  }

  private void entries(Map<String, String> target, Map<String, String> change) {
    for (String key : change.keySet()) {
      if (isRemoval(key)) {
        target.remove(bare(key));
      }
    }
    change.forEach(
        (key, value) -> {
          if (!isRemoval(key)) {
            target.put(key, value);
          }
        });
  }

  private void env(List<KeyValue> change) {
    for (KeyValue variable : change) {
      if (isRemoval(variable.getKey())) {
        spec.env.remove(bare(variable.getKey()));
      }
    }
    for (KeyValue variable : change) {
      if (!isRemoval(variable.getKey())) {
        spec.env.put(variable.getKey(), variable.getValue());
      }
    }
  }

  private void args(List<String> change) {
    if (!change.isEmpty()) {
      spec.args = change.get(0).isEmpty() ? change.subList(1, change.size()) : change;
    }
  }

  private void mounts(List<Mount> change) {
    for (Mount mount : change) {
      String destination = bare(mount.getDestination());
      spec.mounts.removeIf(there -> there.destination().equals(destination));
      if (isRemoval(mount.getDestination())) {
        continue;
      }
      boolean bind =
          mount.getOptionsList().contains("bind") || mount.getOptionsList().contains("rbind");
      spec.mounts.add(
          new OciMount(
              destination,
              mount.getType().isEmpty() || bind
                  ? Optional.of("bind")
                  : Optional.of(mount.getType()),
              Optional.of(mount.getSource()),
              mount.getOptionsList(),
              List.of(),
              List.of()));
      propagate(mount.getOptionsList());
    }
    if (!change.isEmpty()) {
      // A mount would hide what is mounted below it before.
      spec.mounts.sort((a, b) -> Integer.compare(depth(a), depth(b)));
    }
  }

  private static int depth(OciMount mount) {
    return (int) mount.destination().chars().filter(c -> c == '/').count()
        - (mount.destination().equals("/") ? 1 : 0);
  }

  /** What comes from the host into a mount must be let through by the root above it. */
  private void propagate(List<String> options) {
    String root = spec.rootfsPropagation.orElse("");
    if (options.contains("rshared")) {
      spec.rootfsPropagation = Optional.of("rshared");
    } else if (options.contains("rslave") && !root.equals("rshared")) {
      spec.rootfsPropagation = Optional.of("rslave");
    }
  }

  private void hooks(Hooks hooks) throws IOException {
    add(spec.prestart, hooks.getPrestartList());
    add(spec.createRuntime, hooks.getCreateRuntimeList());
    add(spec.createContainer, hooks.getCreateContainerList());
    add(spec.startContainer, hooks.getStartContainerList());
    add(spec.poststart, hooks.getPoststartList());
    add(spec.poststop, hooks.getPoststopList());
  }

  private void add(List<OciHook> target, List<Hook> hooks) throws IOException {
    for (Hook hook : hooks) {
      if (!hook.getPath().startsWith("/")) {
        throw new IOException(
            "NRI plugin " + plugin + ": hook \"" + hook.getPath() + "\" is no absolute path");
      }
      target.add(
          new OciHook(
              hook.getPath(),
              hook.getArgsList(),
              hook.getEnvList(),
              hook.hasTimeout()
                  ? OptionalInt.of(Math.toIntExact(hook.getTimeout().getValue()))
                  : OptionalInt.empty()));
    }
  }

  private void linux(LinuxContainerAdjustment linux) throws IOException {
    Resources.refuse(linux.getNetDevicesCount() > 0, plugin, "network devices");
    Resources.refuse(linux.hasScheduler(), plugin, "a scheduling policy");
    Resources.refuse(linux.hasRdt(), plugin, "RDT");
    Resources.refuse(linux.hasMemoryPolicy(), plugin, "a memory policy");
    spec.resources = Resources.apply(spec.resources, linux.getResources(), plugin);
    for (LinuxDevice device : linux.getDevicesList()) {
      device(device);
    }
    if (!linux.getCgroupsPath().isEmpty()) {
      spec.cgroupsPath = Optional.of(linux.getCgroupsPath());
    }
    if (linux.hasOomScoreAdj()) {
      spec.oomScoreAdj = OptionalInt.of(oomScoreAdj(linux.getOomScoreAdj().getValue()));
    }
    if (linux.hasIoPriority()) {
      spec.ioPriority =
          linux.getIoPriority().getClass_() == IOPrioClass.IOPRIO_CLASS_NONE
              ? Optional.empty()
              : Optional.of(
                  new OciIoPriority(
                      linux.getIoPriority().getClass_().name(),
                      linux.getIoPriority().getPriority()));
    }
    if (linux.hasSeccompPolicy()) {
      spec.seccomp = Optional.of(SeccompModel.toOci(linux.getSeccompPolicy()));
    }
    for (LinuxNamespace namespace : linux.getNamespacesList()) {
      namespace(namespace);
    }
    entries(spec.sysctl, linux.getSysctlMap());
  }

  private int oomScoreAdj(long value) throws IOException {
    if (value < -1000 || value > 1000) {
      throw new IOException(
          "NRI plugin " + plugin + ": oom_score_adj " + value + " is not in -1000..1000");
    }
    return (int) value;
  }

  private void device(LinuxDevice device) throws IOException {
    String path = bare(device.getPath());
    spec.devices.remove(path);
    if (isRemoval(device.getPath())) {
      return;
    }
    if (device.getType().length() != 1) {
      throw new IOException(
          "NRI plugin %s: device %s has the unknown type \"%s\""
              .formatted(plugin, path, device.getType()));
    }
    char type = device.getType().charAt(0);
    spec.devices.put(
        path,
        new OciDevice(
            path,
            type,
            device.getMajor(),
            device.getMinor(),
            device.hasFileMode()
                ? OptionalInt.of(device.getFileMode().getValue() & 07777)
                : OptionalInt.empty(),
            Integer.toUnsignedLong(device.getUid().getValue()),
            Integer.toUnsignedLong(device.getGid().getValue())));
    if (type != 'p') {
      List<OciDeviceRule> rules = new ArrayList<>(spec.resources.devices());
      rules.add(
          new OciDeviceRule(
              true,
              type == 'u' ? 'c' : type,
              OptionalLong.of(device.getMajor()),
              OptionalLong.of(device.getMinor()),
              "rwm"));
      spec.resources = spec.resources.withDevices(rules);
    }
  }

  private void namespace(LinuxNamespace change) throws IOException {
    OciNamespace.Type type = type(bare(change.getType()));
    if (isRemoval(change.getType())) {
      spec.namespaces.remove(type);
    } else {
      spec.namespaces.put(
          type,
          change.getPath().isEmpty()
              ? OciNamespace.fresh(type)
              : OciNamespace.at(type, change.getPath()));
    }
  }

  private OciNamespace.Type type(String name) throws IOException {
    for (OciNamespace.Type type : OciNamespace.Type.values()) {
      if (type.specName().equals(name)) {
        return type;
      }
    }
    throw new IOException("NRI plugin " + plugin + ": no namespace is called \"" + name + "\"");
  }
}
