package io.gantry.cri.nri;

import io.gantry.runtime.oci.OciDevice;
import io.gantry.runtime.oci.OciHook;
import io.gantry.runtime.oci.OciHooks;
import io.gantry.runtime.oci.OciIoPriority;
import io.gantry.runtime.oci.OciLinux;
import io.gantry.runtime.oci.OciMount;
import io.gantry.runtime.oci.OciNamespace;
import io.gantry.runtime.oci.OciProcess;
import io.gantry.runtime.oci.OciResources;
import io.gantry.runtime.oci.OciRlimit;
import io.gantry.runtime.oci.OciSeccomp;
import io.gantry.runtime.oci.OciSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** A specification's parts that plugins may change, open to change. Confined to one thread. */
final class SpecDraft {
  private final OciSpec base;
  private final OciProcess process;

  final Map<String, String> annotations;
  final List<OciMount> mounts;
  List<String> args;
  final Map<String, String> env = new LinkedHashMap<>();
  final List<OciHook> prestart;
  final List<OciHook> createRuntime;
  final List<OciHook> createContainer;
  final List<OciHook> startContainer;
  final List<OciHook> poststart;
  final List<OciHook> poststop;
  final Map<String, OciRlimit> rlimits = new LinkedHashMap<>();
  OptionalInt oomScoreAdj;
  Optional<OciIoPriority> ioPriority;
  final Map<OciNamespace.Type, OciNamespace> namespaces = new LinkedHashMap<>();
  final Map<String, OciDevice> devices = new LinkedHashMap<>();
  Optional<String> cgroupsPath;
  OciResources resources;
  final Map<String, String> sysctl;
  Optional<OciSeccomp> seccomp;
  Optional<String> rootfsPropagation;

  /**
   * @param base with a process
   */
  SpecDraft(OciSpec base) {
    this.base = base;
    process = base.process().orElseThrow();
    annotations = new LinkedHashMap<>(base.annotations());
    mounts = new ArrayList<>(base.mounts());
    args = process.args();
    for (String variable : process.env()) {
      int equals = variable.indexOf('=');
      env.put(
          equals < 0 ? variable : variable.substring(0, equals),
          equals < 0 ? "" : variable.substring(equals + 1));
    }
    OciHooks hooks = base.hooks();
    prestart = new ArrayList<>(hooks.prestart());
    createRuntime = new ArrayList<>(hooks.createRuntime());
    createContainer = new ArrayList<>(hooks.createContainer());
    startContainer = new ArrayList<>(hooks.startContainer());
    poststart = new ArrayList<>(hooks.poststart());
    poststop = new ArrayList<>(hooks.poststop());
    process.rlimits().forEach(limit -> rlimits.put(limit.type(), limit));
    oomScoreAdj = process.oomScoreAdj();
    ioPriority = process.ioPriority();
    OciLinux linux = base.linux();
    linux.namespaces().forEach(namespace -> namespaces.put(namespace.type(), namespace));
    linux.devices().forEach(device -> devices.put(device.path(), device));
    cgroupsPath = linux.cgroupsPath();
    resources = linux.resources();
    sysctl = new LinkedHashMap<>(linux.sysctl());
    seccomp = linux.seccomp();
    rootfsPropagation = linux.rootfsPropagation();
  }

  OciSpec toSpec() {
    return new OciSpec(
        base.ociVersion(),
        Optional.of(toProcess()),
        base.root(),
        base.hostname(),
        base.domainname(),
        mounts,
        new OciHooks(prestart, createRuntime, createContainer, startContainer, poststart, poststop),
        annotations,
        toLinux());
  }

  private OciProcess toProcess() {
    List<String> variables = new ArrayList<>();
    env.forEach((key, value) -> variables.add(key + "=" + value));
    return new OciProcess(
        process.terminal(),
        process.consoleSize(),
        process.user(),
        args,
        variables,
        process.cwd(),
        process.capabilities(),
        List.copyOf(rlimits.values()),
        process.noNewPrivileges(),
        process.apparmorProfile(),
        oomScoreAdj,
        process.selinuxLabel(),
        ioPriority);
  }

  private OciLinux toLinux() {
    OciLinux linux = base.linux();
    return new OciLinux(
        List.copyOf(namespaces.values()),
        linux.uidMappings(),
        linux.gidMappings(),
        List.copyOf(devices.values()),
        cgroupsPath,
        resources,
        sysctl,
        seccomp,
        rootfsPropagation,
        linux.maskedPaths(),
        linux.readonlyPaths(),
        linux.mountLabel(),
        linux.intelRdt());
  }
}
