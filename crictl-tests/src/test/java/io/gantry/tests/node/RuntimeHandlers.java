package io.gantry.tests.node;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The runtime handlers of a node under test. Tests that are the same for all of them take {@link
 * #all()} as their class's arguments.
 */
public final class RuntimeHandlers {
  /** The one of pods that name none. */
  public static final String DEFAULT = "";

  /** gantry's own shim, one for the containers of a pod. */
  public static final String POD = "shim-per-pod";

  /** gantry's own shim, one for the containers of all its pods. */
  public static final String NODE = "shim-per-node";

  public static final String RUNC = "runc";
  public static final String CRUN = "crun";

  private static final Map<String, Path> PROGRAMS =
      Map.of(RUNC, Path.of("/usr/sbin/runc"), CRUN, Path.of("/usr/bin/crun"));
  private static final Path SHIM = Path.of("/usr/bin/containerd-shim-runc-v2");

  private RuntimeHandlers() {}

  /** gantry's own shim, and Debian's with each of its OCI runtimes. */
  public static Stream<String> all() {
    return TestNode.isGantry() ? Stream.of(DEFAULT, RUNC, CRUN) : Stream.of(DEFAULT);
  }

  /** Skips the test unless what the handler needs is installed. */
  public static void assumeInstalled(String handler) {
    Path program = PROGRAMS.get(handler);
    if (program != null) {
      for (Path needed : List.of(SHIM, program)) {
        assumeTrue(Files.isExecutable(needed), needed + " is not installed");
      }
    }
  }

  /** For the gantry.toml of a node. */
  static String configuration(NodeDirectory directory) {
    return """

        [runtimes.%s]
        sharing = "pod"

        [runtimes.%s]
        sharing = "node"

        [runtimes.%s]
        shim = "containerd-shim-runc-v2"

        [runtimes.%s]
        shim = "io.containerd.runc.v2"
        binary_name = "%s"
        """
        .formatted(POD, NODE, RUNC, CRUN, crun(directory));
  }

  /**
   * crun refuses a machine whose controllers are version 1's but for one that the version 2 tree
   * has as well ("cgroups in hybrid mode not supported"). There it is called where it cannot see
   * that tree.
   */
  private static String crun(NodeDirectory directory) {
    Path controllers = Path.of("/sys/fs/cgroup/unified/cgroup.controllers");
    try {
      if (!Files.exists(controllers) || Files.readString(controllers).isBlank()) {
        return CRUN;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("read " + controllers, e);
    }
    Path script =
        directory.write(
            "crun",
            """
            #!/bin/sh
            exec unshare --mount --propagation unchanged sh -c '
              mount --make-rprivate /sys/fs/cgroup && umount /sys/fs/cgroup/unified &&
              exec /usr/bin/crun "$@"' crun "$@"
            """);
    if (!script.toFile().setExecutable(true)) {
      throw new IllegalStateException(script + " cannot be made executable");
    }
    return script.toString();
  }
}
