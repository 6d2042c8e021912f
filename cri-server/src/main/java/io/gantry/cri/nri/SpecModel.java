package io.gantry.cri.nri;

import io.gantry.proto.nri.Container;
import io.gantry.proto.nri.Hook;
import io.gantry.proto.nri.Hooks;
import io.gantry.proto.nri.IOPrioClass;
import io.gantry.proto.nri.LinuxContainer;
import io.gantry.proto.nri.LinuxDevice;
import io.gantry.proto.nri.LinuxIOPriority;
import io.gantry.proto.nri.LinuxNamespace;
import io.gantry.proto.nri.Mount;
import io.gantry.proto.nri.OptionalFileMode;
import io.gantry.proto.nri.OptionalInt;
import io.gantry.proto.nri.OptionalUInt32;
import io.gantry.proto.nri.POSIXRlimit;
import io.gantry.runtime.oci.OciDevice;
import io.gantry.runtime.oci.OciHook;
import io.gantry.runtime.oci.OciHooks;
import io.gantry.runtime.oci.OciLinux;
import io.gantry.runtime.oci.OciMount;
import io.gantry.runtime.oci.OciNamespace;
import io.gantry.runtime.oci.OciProcess;
import io.gantry.runtime.oci.OciRlimit;
import io.gantry.runtime.oci.OciSpec;
import java.util.List;

/** The specification's part of what plugins see of a container. */
final class SpecModel {
  private SpecModel() {}

  static void fill(Container.Builder container, LinuxContainer.Builder linux, OciSpec spec) {
    spec.process().ifPresent(process -> process(container, linux, process));
    for (OciMount mount : spec.mounts()) {
      container.addMounts(
          Mount.newBuilder()
              .setDestination(mount.destination())
              .setType(mount.type().orElse(""))
              .setSource(mount.source().orElse(""))
              .addAllOptions(mount.options()));
    }
    container.setHooks(hooks(spec.hooks()));
    linux(linux, spec.linux());
  }

  private static void process(
      Container.Builder container, LinuxContainer.Builder linux, OciProcess process) {
    container.addAllArgs(process.args()).addAllEnv(process.env());
    for (OciRlimit limit : process.rlimits()) {
      container.addRlimits(
          POSIXRlimit.newBuilder()
              .setType(limit.type())
              .setSoft(limit.soft())
              .setHard(limit.hard()));
    }
    process
        .oomScoreAdj()
        .ifPresent(score -> linux.setOomScoreAdj(OptionalInt.newBuilder().setValue(score)));
    process
        .ioPriority()
        .ifPresent(
            priority ->
                linux.setIoPriority(
                    LinuxIOPriority.newBuilder()
                        .setClass_(IOPrioClass.valueOf(priority.ioClass()))
                        .setPriority(priority.priority())));
  }

  private static Hooks hooks(OciHooks hooks) {
    return Hooks.newBuilder()
        .addAllPrestart(hooks(hooks.prestart()))
        .addAllCreateRuntime(hooks(hooks.createRuntime()))
        .addAllCreateContainer(hooks(hooks.createContainer()))
        .addAllStartContainer(hooks(hooks.startContainer()))
        .addAllPoststart(hooks(hooks.poststart()))
        .addAllPoststop(hooks(hooks.poststop()))
        .build();
  }

  private static List<Hook> hooks(List<OciHook> hooks) {
    return hooks.stream().map(SpecModel::hook).toList();
  }

  private static Hook hook(OciHook hook) {
    Hook.Builder nri =
        Hook.newBuilder().setPath(hook.path()).addAllArgs(hook.args()).addAllEnv(hook.env());
    hook.timeoutSeconds()
        .ifPresent(seconds -> nri.setTimeout(OptionalInt.newBuilder().setValue(seconds)));
    return nri.build();
  }

  private static void linux(LinuxContainer.Builder nri, OciLinux linux) {
    for (OciNamespace namespace : linux.namespaces()) {
      nri.addNamespaces(
          LinuxNamespace.newBuilder()
              .setType(namespace.type().specName())
              .setPath(namespace.path().orElse("")));
    }
    for (OciDevice device : linux.devices()) {
      LinuxDevice.Builder node =
          LinuxDevice.newBuilder()
              .setPath(device.path())
              .setType(String.valueOf(device.type()))
              .setMajor(device.major())
              .setMinor(device.minor())
              .setUid(OptionalUInt32.newBuilder().setValue((int) device.uid()))
              .setGid(OptionalUInt32.newBuilder().setValue((int) device.gid()));
      device
          .fileMode()
          .ifPresent(mode -> node.setFileMode(OptionalFileMode.newBuilder().setValue(mode)));
      nri.addDevices(node);
    }
    nri.setResources(Resources.toNri(linux.resources()))
        .setCgroupsPath(linux.cgroupsPath().orElse(""))
        .putAllSysctl(linux.sysctl());
    linux.seccomp().ifPresent(seccomp -> nri.setSeccompPolicy(SeccompModel.toNri(seccomp)));
  }
}
