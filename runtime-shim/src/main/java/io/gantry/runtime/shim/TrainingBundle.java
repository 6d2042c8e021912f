package io.gantry.runtime.shim;

import java.nio.file.Path;

/**
 * The container that a shim runs while it is trained: the host's own programs, read-only, in
 * namespaces of their own.
 */
final class TrainingBundle {
  private TrainingBundle() {}

  static String config(Path rootfs, String id) {
    return """
        {"ociVersion":"1.1.0","process":%s,"root":{"path":"%s"},"hostname":"training","mounts":[
        {"destination":"/proc","type":"proc","source":"proc","options":["nosuid","noexec","nodev"]},
        {"destination":"/dev","type":"tmpfs","source":"tmpfs","options":["nosuid","strictatime","mode=755","size=65536k"]},
        {"destination":"/dev/pts","type":"devpts","source":"devpts","options":["nosuid","noexec","newinstance","ptmxmode=0666"]},
        {"destination":"/bin","type":"bind","source":"/bin","options":["rbind","ro"]},
        {"destination":"/usr","type":"bind","source":"/usr","options":["rbind","ro"]},
        {"destination":"/lib","type":"bind","source":"/lib","options":["rbind","ro"]}%s],
        "linux":{"cgroupsPath":"/gantry-training-%s","namespaces":[{"type":"pid"},{"type":"ipc"},{"type":"uts"},{"type":"mount"}],
        "resources":{"memory":{"limit":67108864},"cpu":{"shares":2},"pids":{"limit":100}},
        "maskedPaths":["/proc/kcore"],"readonlyPaths":["/proc/sys"]}}
        """
        .formatted(process("echo started; exec sleep 30"), rootfs, lib64(), id);
  }

  static String process() {
    return process("echo out; echo err >&2; read x");
  }

  static String terminalProcess() {
    return process().replaceFirst("\\{", "{\"terminal\":true,");
  }

  private static String process(String script) {
    return """
        {"user":{"uid":0,"gid":0},"cwd":"/","args":["/bin/sh","-c","%s"],"env":["PATH=/usr/bin:/bin"],
        "capabilities":{"bounding":["CAP_KILL"],"effective":["CAP_KILL"],"permitted":["CAP_KILL"]},"noNewPrivileges":true,
        "rlimits":[{"type":"RLIMIT_NOFILE","soft":1024,"hard":1024}]}
        """
        .formatted(script);
  }

  private static String lib64() {
    return java.nio.file.Files.exists(Path.of("/lib64"))
        ? ",{\"destination\":\"/lib64\",\"type\":\"bind\",\"source\":\"/lib64\",\"options\":[\"rbind\",\"ro\"]}"
        : "";
  }
}
