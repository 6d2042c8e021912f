package io.gantry.cri.shims;

import io.gantry.runtime.shim.ShimArchive;
import io.gantry.runtime.shim.ShimCommand;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The command that starts shims, with a class data archive that fits the JDK at hand: the one that
 * came with gantry, or else one made here. A shim starts without, too, only slower and larger.
 */
final class ShimArchiveSource {
  private static final Logger LOG = LoggerFactory.getLogger(ShimArchiveSource.class);

  private final Path directory;
  private volatile ShimCommand command;

  /**
   * @param directory where an archive may be made and is found again
   */
  ShimArchiveSource(ShimCommand command, Path directory) {
    this.command = command;
    this.directory = directory;
  }

  ShimCommand current() {
    return command;
  }

  /** Makes the archive when there is none that fits; takes seconds then. */
  void prepare() throws InterruptedException {
    if (command.archive().isPresent()) {
      return;
    }
    Path archive = directory.resolve("shim.jsa");
    try {
      if (!ShimArchive.fits(archive, command)) {
        LOG.info("making the shims' class data archive for this JDK");
        ShimArchive.make(command, archive);
      }
      command = command.withArchive(Optional.of(archive));
    } catch (IOException e) {
      LOG.atWarn()
          .addKeyValue("error", e.getMessage())
          .log("shims run without a class data archive");
    }
  }
}
