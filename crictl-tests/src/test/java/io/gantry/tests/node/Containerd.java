package io.gantry.tests.node;

import io.gantry.tests.tools.Checkout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Debian's containerd with runc: the runtime that the tests themselves are checked against. */
public final class Containerd implements RuntimeUnderTest {

  private final DaemonProcess daemon;

  /**
   * A containerd inside the directory, not yet started.
   *
   * @param sandboxImage reference of the image its pods' own containers run
   */
  public Containerd(NodeDirectory directory, String sandboxImage) {
    Path configuration = directory.path().resolve("containerd.toml");
    try {
      Files.writeString(configuration, configuration(directory, sandboxImage));
    } catch (IOException e) {
      throw new UncheckedIOException("write " + configuration, e);
    }
    daemon =
        new DaemonProcess(
            List.of("containerd", "--config", configuration.toString()),
            // It looks for shims in PATH: this project's is one of them.
            Map.of("PATH", Checkout.distribution().resolve("bin") + ":" + System.getenv("PATH")),
            directory.socket(),
            directory.daemonLog());
  }

  private static String configuration(NodeDirectory directory, String sandboxImage) {
    return """
        version = 2
        root = "%s"
        state = "%s"

        [grpc]
          address = "%s"

        [plugins."io.containerd.internal.v1.opt"]
          path = "%s"

        [plugins."io.containerd.grpc.v1.cri"]
          sandbox_image = "%s"
          restrict_oom_score_adj = true
          netns_mounts_under_state_dir = true
          [plugins."io.containerd.grpc.v1.cri".cni]
            bin_dir = "/usr/lib/cni"
            conf_dir = "%s"
          [plugins."io.containerd.grpc.v1.cri".registry]
            config_path = "%s"
        """
        .formatted(
            directory.root(),
            directory.state(),
            directory.socket(),
            directory.path().resolve("opt"),
            sandboxImage,
            directory.cniConfiguration(),
            directory.registries());
  }

  @Override
  public Path socket() {
    return daemon.socket();
  }

  @Override
  public ProcessHandle process() {
    return daemon.handle();
  }

  @Override
  public void start() {
    daemon.start();
  }

  @Override
  public void stop() {
    daemon.stop();
  }

  @Override
  public void kill() {
    daemon.kill();
  }
}
