package io.gantry.runtime.shim;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A bundle on disk whose program is a shell script run by busybox. */
final class BusyboxBundle {
  private static final List<String> APPLETS =
      List.of(
          "sh", "sleep", "cat", "echo", "true", "head", "tty", "stty", "yes", "dd", "ls", "ps",
          "kill", "setsid", "grep", "wc", "tr");

  private final Path directory;
  private final String id;
  private final String script;
  private String annotations = "";
  private String moreResources = "";
  private boolean terminal;

  BusyboxBundle(Path parent, String id, String script) {
    this.directory = parent.resolve(id);
    this.id = id;
    this.script = script;
  }

  BusyboxBundle terminal() {
    terminal = true;
    return this;
  }

  BusyboxBundle annotation(String key, String value) {
    annotations = "\"" + key + "\":\"" + value + "\"";
    return this;
  }

  BusyboxBundle memoryLimit(long bytes) {
    moreResources = ",\"memory\":{\"limit\":" + bytes + ",\"swap\":" + bytes + "}";
    return this;
  }

  Path write() throws IOException {
    Path bin = Files.createDirectories(directory.resolve("rootfs").resolve("bin"));
    for (String name : List.of("proc", "dev", "tmp", "sys")) {
      Files.createDirectories(directory.resolve("rootfs").resolve(name));
    }
    Files.copy(Path.of("/bin/busybox"), bin.resolve("busybox"));
    bin.resolve("busybox").toFile().setExecutable(true, false);
    for (String applet : APPLETS) {
      Files.createSymbolicLink(bin.resolve(applet), Path.of("busybox"));
    }
    Files.writeString(
        directory.resolve("config.json"),
        """
        {"ociVersion":"1.1.0","process":%s,"root":{"path":"rootfs"},"hostname":"box","annotations":{%s},
        "mounts":[{"destination":"/proc","type":"proc","source":"proc"},
        {"destination":"/dev","type":"tmpfs","source":"tmpfs","options":["mode=755"]},
        {"destination":"/dev/pts","type":"devpts","source":"devpts","options":["newinstance","ptmxmode=0666"]}],
        "linux":{"cgroupsPath":"%s","namespaces":[{"type":"pid"},{"type":"ipc"},{"type":"uts"},{"type":"mount"}],
        "resources":{"pids":{"limit":500}%s}}}
        """
            .formatted(process(script, terminal), annotations, cgroup(id), moreResources));
    return directory;
  }

  static String cgroup(String id) {
    return "/gantry-shim-test-" + id;
  }

  static String process(String script, boolean terminal) {
    return """
        {"terminal":%s,"user":{"uid":0,"gid":0},"cwd":"/","args":["sh","-c","%s"],"env":["PATH=/bin"]}
        """
        .formatted(terminal, script.replace("\\", "\\\\").replace("\"", "\\\""));
  }
}
