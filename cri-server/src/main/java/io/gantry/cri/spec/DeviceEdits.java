package io.gantry.cri.spec;

import io.gantry.cri.cdi.Devices;
import io.gantry.cri.cdi.Edits;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.cri.spec.HostFacts.HostDevice;
import io.gantry.proto.cri.v1.CDIDevice;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.runtime.oci.OciDevice;
import io.gantry.runtime.oci.OciDeviceRule;
import io.gantry.runtime.oci.OciHook;
import io.gantry.runtime.oci.OciHooks;
import io.gantry.runtime.oci.OciLinux;
import io.gantry.runtime.oci.OciMount;
import io.gantry.runtime.oci.OciProcess;
import io.gantry.runtime.oci.OciSpec;
import io.gantry.runtime.oci.OciUser;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/** Does to a specification what CDI devices ask for. */
public final class DeviceEdits {
  /** Requests of before the CRI had a field for it. */
  private static final String ANNOTATION_PREFIX = "cdi.k8s.io/";

  private final HostFacts host;
  private final List<String> env;
  private final List<Long> groups;
  private final List<OciDevice> nodes;
  private final List<OciDeviceRule> rules;
  private final List<OciMount> mounts;
  private final Map<String, List<OciHook>> hooks = new TreeMap<>();

  private DeviceEdits(OciSpec spec, HostFacts host) {
    this.host = host;
    OciProcess process = spec.process().orElseThrow();
    env = new ArrayList<>(process.env());
    groups = new ArrayList<>(process.user().additionalGids());
    nodes = new ArrayList<>(spec.linux().devices());
    rules = new ArrayList<>(spec.linux().resources().devices());
    mounts = new ArrayList<>(spec.mounts());
  }

  /**
   * The specification with the request's devices in it.
   *
   * @throws CriException naming the device that is not there or cannot be given
   */
  static OciSpec apply(SpecRequest request, OciSpec spec, Devices devices, HostFacts host)
      throws IOException {
    Set<String> names = names(request.config());
    if (names.isEmpty()) {
      return spec;
    }
    try {
      return apply(names, spec, devices, host);
    } catch (IllegalArgumentException e) {
      throw new CriException(
          Failure.INVALID_REQUEST, "container " + request.name() + ": " + e.getMessage(), e);
    }
  }

  /**
   * The specification with the devices of these names in it.
   *
   * @param spec with a process
   * @throws IllegalArgumentException naming the device that is not there or cannot be given
   */
  public static OciSpec apply(Set<String> names, OciSpec spec, Devices devices, HostFacts host)
      throws IOException {
    DeviceEdits edits = new DeviceEdits(spec, host);
    for (Edits one : devices.edits(names)) {
      edits.add(one);
    }
    return edits.in(spec);
  }

  private static Set<String> names(ContainerConfig config) {
    Set<String> names = new LinkedHashSet<>();
    for (CDIDevice device : config.getCDIDevicesList()) {
      names.add(device.getName());
    }
    new TreeMap<>(config.getAnnotationsMap())
        .forEach(
            (key, value) -> {
              if (key.startsWith(ANNOTATION_PREFIX)) {
                names.addAll(List.of(value.split(",")));
              }
            });
    return names;
  }

  private void add(Edits edits) throws IOException {
    for (String variable : edits.env()) {
      String name = variable.substring(0, variable.indexOf('=') + 1);
      env.removeIf(entry -> entry.startsWith(name));
      env.add(variable);
    }
    for (Edits.Node node : edits.nodes()) {
      addNode(edits.source(), node);
    }
    edits.mounts().forEach(this::addMount);
    for (Edits.Hook hook : edits.hooks()) {
      hooks
          .computeIfAbsent(hook.name(), any -> new ArrayList<>())
          .add(new OciHook(hook.path(), hook.args(), hook.env(), hook.timeoutSeconds()));
    }
    for (long gid : edits.additionalGids()) {
      if (gid != 0 && !groups.contains(gid)) {
        groups.add(gid);
      }
    }
  }

  /** Type and numbers are the host's node's unless both are given. */
  private void addNode(String source, Edits.Node node) throws IOException {
    OciDevice made;
    if (node.type().isPresent()
        && (node.type().get() == 'p' || node.major().isPresent() && node.minor().isPresent())) {
      made = device(node, node.type().get(), node.major().orElse(0), node.minor().orElse(0));
    } else {
      HostDevice found = hostDevice(source, node);
      made = device(node, found.type(), found.major(), found.minor());
    }
    nodes.removeIf(other -> other.path().equals(made.path()));
    nodes.add(made);
    if (made.type() != 'p') {
      rules.add(
          new OciDeviceRule(
              true,
              made.type() == 'b' ? 'b' : 'c',
              OptionalLong.of(made.major()),
              OptionalLong.of(made.minor()),
              node.permissions()));
    }
  }

  private static OciDevice device(Edits.Node node, char type, long major, long minor) {
    return new OciDevice(node.path(), type, major, minor, node.fileMode(), node.uid(), node.gid());
  }

  private HostDevice hostDevice(String source, Edits.Node node) throws IOException {
    Path path =
        host.resolve(Path.of(node.hostPath()))
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "CDI device " + source + ": " + node.hostPath() + " does not exist"));
    List<HostDevice> found = host.devices(path);
    if (found.size() != 1 || !found.get(0).path().equals(path)) {
      throw new IllegalArgumentException(
          "CDI device " + source + ": " + node.hostPath() + " is not a device");
    }
    return found.get(0);
  }

  /** In the place of one at the same path, and before those that lie below it. */
  private void addMount(Edits.Bind bind) {
    String destination = Path.of(bind.containerPath()).normalize().toString();
    mounts.removeIf(mount -> mount.destination().equals(destination));
    int at = 0;
    while (at < mounts.size() && !isBelow(mounts.get(at).destination(), destination)) {
      at++;
    }
    List<String> options = new ArrayList<>(bind.options());
    String type = bind.type().isEmpty() ? "bind" : bind.type();
    if (type.equals("bind") && !options.contains("bind") && !options.contains("rbind")) {
      options.add("rbind");
    }
    mounts.add(at, OciMount.of(destination, type, bind.hostPath(), options));
  }

  private static boolean isBelow(String path, String parent) {
    return Path.of(path).startsWith(parent);
  }

  private OciSpec in(OciSpec spec) {
    OciProcess process = spec.process().orElseThrow();
    OciUser user =
        new OciUser(process.user().uid(), process.user().gid(), process.user().umask(), groups);
    OciHooks before = spec.hooks();
    return spec.with(process.with(user, env))
        .withMounts(mounts)
        .withHooks(
            new OciHooks(
                all(before.prestart(), "prestart"),
                all(before.createRuntime(), "createRuntime"),
                all(before.createContainer(), "createContainer"),
                all(before.startContainer(), "startContainer"),
                all(before.poststart(), "poststart"),
                all(before.poststop(), "poststop")))
        .with(linux(spec.linux()));
  }

  private OciLinux linux(OciLinux linux) {
    return linux.withDevices(nodes, linux.resources().withDevices(rules));
  }

  private List<OciHook> all(List<OciHook> before, String name) {
    List<OciHook> all = new ArrayList<>(before);
    all.addAll(hooks.getOrDefault(name, List.of()));
    return all;
  }
}
