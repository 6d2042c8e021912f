package io.gantry.runtime.container;

import io.gantry.runtime.oci.OciCapabilities;
import io.gantry.runtime.oci.OciDevice;
import io.gantry.runtime.oci.OciDeviceRule;
import io.gantry.runtime.oci.OciHooks;
import io.gantry.runtime.oci.OciIdMapping;
import io.gantry.runtime.oci.OciLinux;
import io.gantry.runtime.oci.OciMount;
import io.gantry.runtime.oci.OciNamespace;
import io.gantry.runtime.oci.OciProcess;
import io.gantry.runtime.oci.OciResources;
import io.gantry.runtime.oci.OciRlimit;
import io.gantry.runtime.oci.OciRoot;
import io.gantry.runtime.oci.OciSeccomp;
import io.gantry.runtime.oci.OciSpec;
import io.gantry.runtime.oci.OciSpecWriter;
import io.gantry.runtime.oci.OciUser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** A bundle with a busybox root filesystem, whose configuration a test changes before use. */
final class Bundle {
  private static final List<String> DEFAULT_CAPABILITIES =
      List.of("CAP_CHOWN", "CAP_KILL", "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID");

  final Path directory;
  final Path rootfs;
  String cwd = "/";
  OciUser user = OciUser.ROOT;
  List<String> env = new ArrayList<>(List.of("PATH=/bin"));
  Optional<OciCapabilities> capabilities =
      Optional.of(
          new OciCapabilities(
              DEFAULT_CAPABILITIES,
              DEFAULT_CAPABILITIES,
              List.of(),
              DEFAULT_CAPABILITIES,
              List.of()));
  boolean noNewPrivileges;
  boolean readonlyRoot;
  OptionalInt oomScoreAdj = OptionalInt.empty();
  final List<OciRlimit> rlimits = new ArrayList<>();
  final List<OciMount> mounts = new ArrayList<>();
  final List<OciNamespace> namespaces = new ArrayList<>();
  final Map<String, String> sysctl = new LinkedHashMap<>();
  final List<OciIdMapping> idMappings = new ArrayList<>();
  final List<OciDevice> devices = new ArrayList<>();
  final List<String> masked = new ArrayList<>();
  final List<String> readonly = new ArrayList<>();
  Optional<String> hostname = Optional.of("box");
  Optional<OciSeccomp> seccomp = Optional.empty();
  Optional<String> rootfsPropagation = Optional.empty();
  OciHooks hooks = OciHooks.NONE;
  OciResources resources = OciResources.NONE.withDevices(List.of(OciDeviceRule.all(false)));
  String cgroup;

  Bundle(Path directory, String cgroup) throws IOException {
    this.directory = directory;
    this.cgroup = cgroup;
    this.rootfs = directory.resolve("rootfs");
    for (String name : List.of("bin", "etc", "tmp")) {
      Files.createDirectories(rootfs.resolve(name));
    }
    Files.copy(Path.of("/bin/busybox"), rootfs.resolve("bin/busybox"));
    rootfs.resolve("bin/busybox").toFile().setExecutable(true, false);
    for (String applet :
        List.of(
            "sh",
            "cat",
            "ls",
            "id",
            "echo",
            "true",
            "sleep",
            "hostname",
            "mount",
            "mknod",
            "dd",
            "ps",
            "stat",
            "grep",
            "readlink",
            "touch",
            "head",
            "kill",
            "pwd",
            "stty",
            "tty",
            "env",
            "chmod",
            "umount",
            "mkdir",
            "wc",
            "ip",
            "tail",
            "usleep")) {
      Files.createSymbolicLink(rootfs.resolve("bin/" + applet), Path.of("busybox"));
    }
    Files.writeString(rootfs.resolve("etc/passwd"), "root:x:0:0::/root:/bin/sh\n");
    for (OciNamespace.Type type :
        List.of(
            OciNamespace.Type.PID,
            OciNamespace.Type.NETWORK,
            OciNamespace.Type.IPC,
            OciNamespace.Type.UTS,
            OciNamespace.Type.MOUNT,
            OciNamespace.Type.CGROUP)) {
      namespaces.add(OciNamespace.fresh(type));
    }
    mounts.add(OciMount.of("/proc", "proc", "proc", List.of("nosuid", "noexec", "nodev")));
    mounts.add(
        OciMount.of(
            "/dev", "tmpfs", "tmpfs", List.of("nosuid", "strictatime", "mode=755", "size=65536k")));
    mounts.add(
        OciMount.of(
            "/dev/pts",
            "devpts",
            "devpts",
            List.of("nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5")));
    mounts.add(
        OciMount.of("/dev/shm", "tmpfs", "shm", List.of("nosuid", "noexec", "nodev", "mode=1777")));
    mounts.add(
        OciMount.of("/dev/mqueue", "mqueue", "mqueue", List.of("nosuid", "noexec", "nodev")));
    mounts.add(OciMount.of("/sys", "sysfs", "sysfs", List.of("nosuid", "noexec", "nodev", "ro")));
    mounts.add(
        OciMount.of(
            "/sys/fs/cgroup", "cgroup", "cgroup", List.of("nosuid", "noexec", "nodev", "ro")));
    masked.addAll(List.of("/proc/kcore", "/proc/keys", "/proc/acpi", "/sys/firmware"));
    readonly.addAll(List.of("/proc/bus", "/proc/sys", "/proc/sysrq-trigger"));
  }

  OciProcess process(String... args) {
    return new OciProcess(
        false,
        Optional.empty(),
        user,
        List.of(args),
        env,
        cwd,
        capabilities,
        rlimits,
        noNewPrivileges,
        Optional.empty(),
        oomScoreAdj,
        Optional.empty(),
        Optional.empty());
  }

  void write(String... args) throws IOException {
    OciLinux linux =
        new OciLinux(
            namespaces,
            idMappings,
            idMappings,
            devices,
            Optional.of(cgroup),
            resources,
            sysctl,
            seccomp,
            rootfsPropagation,
            masked,
            readonly,
            Optional.empty(),
            Optional.empty());
    OciSpec spec =
        new OciSpec(
            "1.2.0",
            Optional.of(process(args)),
            new OciRoot("rootfs", readonlyRoot),
            hostname,
            Optional.empty(),
            mounts,
            hooks,
            Map.of("a", "b"),
            linux);
    Files.writeString(directory.resolve("config.json"), OciSpecWriter.toJson(spec));
  }
}
