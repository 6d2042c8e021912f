package io.gantry.cri.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The daemon's settings, complete and checked. See {@link Keys} for the meaning, unit, range and
 * default of each.
 *
 * @param paths where gantry keeps things
 */
public record Config(
    Paths paths,
    Server server,
    Images images,
    Cni cni,
    Shim shim,
    Cgroup cgroup,
    Pods pods,
    Containers containers,
    Log log) {

  /** Every path of gantry's own derives from the two roots. */
  public record Paths(Path root, Path state) {
    public Path podRecords() {
      return root.resolve("pods");
    }

    public Path podState() {
      return state.resolve("pods");
    }

    public Path containerRecords() {
      return root.resolve("containers");
    }

    public Path bundles() {
      return state.resolve("bundles");
    }

    public Path shims() {
      return state.resolve("shims");
    }

    public Path cniResults() {
      return root.resolve("cni");
    }
  }

  public record Server(ListenAddress listen, int maxReceiveBytes, Duration stopTimeout) {}

  public record Images(Path certsDir, int maxConcurrentDownloads) {}

  public record Cni(Path confDir, List<Path> binDirs, Duration timeout, IpPreference ipPreference) {
    public Cni {
      binDirs = List.copyOf(binDirs);
    }
  }

  /**
   * @param executable the shim's launcher; empty means bin/containerd-shim-gantry-v2 of the
   *     distribution that gantryd runs from
   */
  public record Shim(Optional<Path> executable, int poolSize, List<String> jvmFlags) {
    public Shim {
      jvmFlags = List.copyOf(jvmFlags);
    }
  }

  public record Cgroup(CgroupDriver driver, String defaultParent) {}

  public record Pods(long shmBytes, boolean unprivilegedPorts, boolean unprivilegedIcmp) {}

  public record Containers(int maxLogLineBytes, int execOutputBytes) {}

  public record Log(LogLevel level) {}

  /** The settings of a machine without a gantry.toml. */
  public static Config defaults() {
    return Values.defaults().config();
  }
}
