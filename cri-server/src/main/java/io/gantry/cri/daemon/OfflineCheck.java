package io.gantry.cri.daemon;

import io.gantry.cri.config.Config;
import io.gantry.cri.config.Settings;
import io.gantry.cri.images.CheckOutput;
import io.gantry.cri.images.PullSettings;
import io.gantry.cri.layers.LinuxLayerTrees;
import io.gantry.image.LocalImages;
import io.gantry.image.check.CheckSummary;
import io.gantry.image.distribution.RegistryStorage;
import io.gantry.image.step.Steps;
import io.gantry.runtime.linux.Linux;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import picocli.CommandLine;

/** A check of the images by a process that is no daemon, and holds the daemons' lock meanwhile. */
final class OfflineCheck {
  private static final int NOT_SOUND = 1;
  private static final int NOT_CHECKED = 3;

  private final Config config;
  private final CommandLine line;

  OfflineCheck(Settings settings, CommandLine line) {
    this.config = settings.config();
    this.line = line;
  }

  /** The process's exit code. */
  int run(boolean repair) {
    Path root = config.paths().root();
    if (!Files.isDirectory(root)) {
      return failed(root + " is not there: there are no images");
    }
    try (InstanceLock lock = InstanceLock.take(root);
        LocalImages images = images()) {
      CheckOutput output = new CheckOutput(line.getOut());
      CheckSummary summary = images.check(repair, output::show);
      output.show(summary);
      return summary.isSound() && lock.isHeld() ? CommandLine.ExitCode.OK : NOT_SOUND;
    } catch (StartException | IOException e) {
      return failed(e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return failed("interrupted");
    }
  }

  private LocalImages images() throws IOException {
    LocalImages images =
        LocalImages.open(
            PullSettings.of(() -> config, System.getenv()),
            new LinuxLayerTrees(Linux.open().files()),
            Clock.systemUTC(),
            Steps.UNOBSERVED);
    RegistryStorage.claim(images.content(), config.paths().root(), images::collect);
    return images;
  }

  private int failed(String reason) {
    line.getErr().println("gantryd fsck: " + reason);
    return NOT_CHECKED;
  }
}
