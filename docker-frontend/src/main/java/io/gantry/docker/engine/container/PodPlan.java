package io.gantry.docker.engine.container;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Json;
import io.gantry.docker.engine.options.ContainerConfigs;
import io.gantry.docker.engine.options.Limits;
import io.gantry.docker.engine.options.LogSettings;
import io.gantry.docker.engine.options.Security;
import io.gantry.docker.engine.record.DockerContainer;
import io.gantry.proto.cri.v1.CDIDevice;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.ContainerMetadata;
import io.gantry.proto.cri.v1.Device;
import io.gantry.proto.cri.v1.ImageSpec;
import io.gantry.proto.cri.v1.KeyValue;
import io.gantry.proto.cri.v1.LinuxContainerConfig;
import io.gantry.proto.cri.v1.LinuxPodSandboxConfig;
import io.gantry.proto.cri.v1.LinuxSandboxSecurityContext;
import io.gantry.proto.cri.v1.Mount;
import io.gantry.proto.cri.v1.MountPropagation;
import io.gantry.proto.cri.v1.NamespaceMode;
import io.gantry.proto.cri.v1.NamespaceOption;
import io.gantry.proto.cri.v1.PodSandboxConfig;
import io.gantry.proto.cri.v1.PodSandboxMetadata;
import io.gantry.proto.cri.v1.PortMapping;
import io.gantry.proto.cri.v1.Protocol;
import io.gantry.proto.cri.v1.SecurityProfile;
import io.gantry.proto.v1.PublishedPort;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A container's options in the words of the CRI: a pod, and the container in it. */
final class PodPlan {
  static final String ID_LABEL = "io.gantry.docker.id";
  static final String NAME_LABEL = "io.gantry.docker.name";

  private static final String NAMESPACE = "docker";

  private final DockerContainer container;
  private final JsonNode config;
  private final JsonNode host;
  private final Path directory;

  PodPlan(DockerContainer container, Path directory) {
    this.container = container;
    this.config = container.config();
    this.host = container.hostConfig();
    this.directory = directory;
  }

  /**
   * The pod.
   *
   * @param ownNetwork whether its interfaces come by gantry.v1 and not by the node's CNI
   */
  PodSandboxConfig pod(
      int attempt, NetworkMode network, boolean ownNetwork, List<PublishedPort> ports)
      throws EngineException {
    PodSandboxConfig.Builder pod =
        PodSandboxConfig.newBuilder()
            .setMetadata(
                PodSandboxMetadata.newBuilder()
                    .setName(container.name())
                    .setUid(container.id())
                    .setNamespace(NAMESPACE)
                    .setAttempt(attempt))
            .setLogDirectory(directory.toString())
            .putLabels(ID_LABEL, container.id())
            .putLabels(NAME_LABEL, container.name());
    if (!network.isHost()) {
      pod.setHostname(hostname());
    }
    if (ownNetwork) {
      pod.putAnnotations("gantry.io/network", "none");
    } else if (!network.isHost()) {
      ports.forEach(port -> pod.addPortMappings(mapping(port)));
    }
    if (host.path("ShmSize").asLong() > 0) {
      pod.putAnnotations("gantry.io/shm-size", Long.toString(host.path("ShmSize").asLong()));
    }
    LinuxPodSandboxConfig.Builder linux =
        LinuxPodSandboxConfig.newBuilder()
            .setCgroupParent(host.path("CgroupParent").asText(""))
            .putAllSysctls(Json.mapOf(host.path("Sysctls")));
    String domain = config.path("Domainname").asText("");
    if (!domain.isEmpty() && !network.isHost()) {
      linux.putSysctls("kernel.domainname", domain);
    }
    linux.setSecurityContext(
        LinuxSandboxSecurityContext.newBuilder()
            .setPrivileged(host.path("Privileged").asBoolean())
            .setNamespaceOptions(namespaces(network))
            .setSeccomp(
                SecurityProfile.newBuilder()
                    .setProfileType(SecurityProfile.ProfileType.RuntimeDefault)));
    return pod.setLinux(linux).build();
  }

  String hostname() {
    String given = config.path("Hostname").asText("");
    return given.isEmpty() ? container.shortId() : given;
  }

  private static PortMapping mapping(PublishedPort port) {
    return PortMapping.newBuilder()
        .setProtocol(Protocol.valueOf(port.getProtocol().toUpperCase(Locale.ROOT)))
        .setContainerPort(port.getContainerPort())
        .setHostPort(port.getHostPort())
        .setHostIp(port.getHostIp())
        .build();
  }

  private NamespaceOption namespaces(NetworkMode network) throws EngineException {
    NamespaceOption.Builder options = NamespaceOption.newBuilder();
    options.setNetwork(network.isHost() ? NamespaceMode.NODE : NamespaceMode.POD);
    String ipc = host.path("IpcMode").asText("");
    options.setIpc(
        switch (ipc) {
          case "", "private", "shareable" -> NamespaceMode.POD;
          case "host" -> NamespaceMode.NODE;
          default -> throw EngineException.badRequest("gantry does not support --ipc " + ipc);
        });
    String pid = host.path("PidMode").asText("");
    boolean shared = host.path("Init").asBoolean();
    options.setPid(
        switch (pid) {
          case "" -> shared ? NamespaceMode.POD : NamespaceMode.CONTAINER;
          case "host" -> NamespaceMode.NODE;
          default -> throw EngineException.badRequest("gantry does not support --pid " + pid);
        });
    String uts = host.path("UTSMode").asText("");
    if (!uts.isEmpty() && !(uts.equals("host") && network.isHost())) {
      throw EngineException.badRequest(
          "gantry does not support --uts " + uts + " without --network host");
    }
    return options.build();
  }

  /**
   * The container.
   *
   * @param files of the engine that are mounted into it: path there to path here
   * @param layered whether its writable layer is one of gantry.v1
   */
  ContainerConfig container(
      int attempt, NetworkMode network, Map<String, Path> files, boolean layered, Security security)
      throws EngineException {
    LogSettings log = LogSettings.of(host);
    boolean stdin = config.path("OpenStdin").asBoolean();
    ContainerConfig.Builder cri =
        ContainerConfig.newBuilder()
            .setMetadata(
                ContainerMetadata.newBuilder().setName(container.name()).setAttempt(attempt))
            .setImage(ImageSpec.newBuilder().setImage(container.imageId()))
            .addAllCommand(ContainerConfigs.arguments(config))
            .setWorkingDir(config.path("WorkingDir").asText(""))
            .setLogPath(log.isKept() ? container.id() + ".log" : "")
            .setStdin(stdin)
            .setStdinOnce(config.path("StdinOnce").asBoolean())
            .setTty(config.path("Tty").asBoolean())
            .putLabels(ID_LABEL, container.id())
            .putLabels(NAME_LABEL, container.name());
    for (String variable : Json.listOf(config.path("Env"))) {
      String[] parts = variable.split("=", 2);
      cri.addEnvs(
          KeyValue.newBuilder().setKey(parts[0]).setValue(ByteString.copyFromUtf8(parts[1])));
    }
    if (config.path("Tty").asBoolean() && !names("Env", "TERM")) {
      cri.addEnvs(KeyValue.newBuilder().setKey("TERM").setValue(ByteString.copyFromUtf8("xterm")));
    }
    if (!names("Env", "HOSTNAME") && !network.isHost()) {
      cri.addEnvs(
          KeyValue.newBuilder().setKey("HOSTNAME").setValue(ByteString.copyFromUtf8(hostname())));
    }
    if (layered) {
      cri.putAnnotations("gantry.io/writable-layer", container.id());
    }
    if (stdin) {
      cri.putAnnotations("gantry.io/stdin-attached", "true");
    }
    host.path("Annotations")
        .properties()
        .forEach(entry -> cri.putAnnotations(entry.getKey(), entry.getValue().asText()));
    addMounts(cri, files);
    addDevices(cri);
    addUlimits(cri);
    cri.setLinux(
        LinuxContainerConfig.newBuilder()
            .setResources(Limits.of(host))
            .setSecurityContext(
                security.context().toBuilder().setNamespaceOptions(namespaces(network))));
    return cri.build();
  }

  private boolean names(String list, String variable) {
    return Json.listOf(config.path(list)).stream()
        .anyMatch(each -> each.startsWith(variable + "="));
  }

  private void addMounts(ContainerConfig.Builder cri, Map<String, Path> files) {
    ObjectNode tmpfs = Json.object();
    ArrayNode mounts = container.mounts();
    files.forEach(
        (target, source) -> {
          boolean taken = false;
          for (JsonNode mount : mounts) {
            taken |= mount.path("Destination").asText().equals(target);
          }
          if (!taken) {
            cri.addMounts(
                Mount.newBuilder().setContainerPath(target).setHostPath(source.toString()));
          }
        });
    for (JsonNode mount : mounts) {
      String target = mount.path("Destination").asText();
      switch (mount.path("Type").asText()) {
        case "tmpfs" -> tmpfs.put(target, mount.path("Options").asText());
        case "image" ->
            cri.addMounts(
                Mount.newBuilder()
                    .setContainerPath(target)
                    .setReadonly(true)
                    .setImage(ImageSpec.newBuilder().setImage(mount.path("Source").asText()))
                    .setImageSubPath(mount.path("Subpath").asText("")));
        default ->
            cri.addMounts(
                Mount.newBuilder()
                    .setContainerPath(target)
                    .setHostPath(mount.path("HostPath").asText())
                    .setReadonly(!mount.path("RW").asBoolean())
                    .setSelinuxRelabel(mount.path("Mode").asText().contains("z"))
                    .setPropagation(propagation(mount.path("Propagation").asText(""))));
      }
    }
    if (!tmpfs.isEmpty()) {
      cri.putAnnotations("gantry.io/tmpfs", Json.text(tmpfs));
    }
  }

  private static MountPropagation propagation(String name) {
    return switch (name) {
      case "shared", "rshared" -> MountPropagation.PROPAGATION_BIDIRECTIONAL;
      case "slave", "rslave" -> MountPropagation.PROPAGATION_HOST_TO_CONTAINER;
      default -> MountPropagation.PROPAGATION_PRIVATE;
    };
  }

  private void addDevices(ContainerConfig.Builder cri) throws EngineException {
    for (JsonNode device : host.path("Devices")) {
      String source = device.path("PathOnHost").asText();
      String target = device.path("PathInContainer").asText("");
      String permissions = device.path("CgroupPermissions").asText("");
      cri.addDevices(
          Device.newBuilder()
              .setHostPath(source)
              .setContainerPath(target.isEmpty() ? source : target)
              .setPermissions(permissions.isEmpty() ? "rwm" : permissions));
    }
    for (JsonNode request : host.path("DeviceRequests")) {
      if (!request.path("Driver").asText().equals("cdi")) {
        throw EngineException.badRequest(
            "could not select device driver \""
                + request.path("Driver").asText("")
                + "\": gantry knows devices by CDI alone (--device vendor/class=name)");
      }
      Json.listOf(request.path("DeviceIDs"))
          .forEach(name -> cri.addCDIDevices(CDIDevice.newBuilder().setName(name)));
    }
  }

  private void addUlimits(ContainerConfig.Builder cri) {
    ArrayNode ulimits = Json.array();
    for (JsonNode limit : host.path("Ulimits")) {
      ulimits
          .addObject()
          .put("name", limit.path("Name").asText())
          .put("soft", limit.path("Soft").asLong())
          .put("hard", limit.path("Hard").asLong());
    }
    if (!ulimits.isEmpty()) {
      cri.putAnnotations("gantry.io/ulimits", Json.text(ulimits));
    }
  }
}
