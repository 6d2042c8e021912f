package io.gantry.cri.images;

import io.gantry.image.LocalImages;
import io.gantry.image.MachineStop;
import io.gantry.image.check.CheckSummary;
import io.gantry.image.check.Finding;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks and repairs the image store in the background, once, after the machine went down while it
 * was in use: disks do not always keep what they said they had.
 */
public final class CheckAfterCrash implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(CheckAfterCrash.class);

  private final LocalImages images;
  private final MachineStop stop;
  private final Thread thread = new Thread(this::run, "image-check");

  /**
   * @param stop how the last use of the images ended
   */
  public CheckAfterCrash(LocalImages images, MachineStop stop) {
    this.images = images;
    this.stop = stop;
    thread.setDaemon(true);
  }

  /**
   * Begins, if there is a reason to.
   *
   * @param wanted whether the configuration wants it
   */
  public void begin(boolean wanted) {
    if (wanted && stop.wasUnclean()) {
      log.warn("the machine went down while images were in use: they are checked");
      thread.start();
    }
  }

  private void run() {
    try {
      CheckSummary summary = images.check(true, CheckAfterCrash::tell);
      log.atInfo()
          .addKeyValue("checked", summary.checked())
          .addKeyValue("bad", summary.bad())
          .addKeyValue("repaired", summary.repaired())
          .log("images are checked");
    } catch (IOException e) {
      log.atError()
          .addKeyValue("error", e.getMessage())
          .log("images cannot be checked; gantry system fsck tries again");
    } catch (InterruptedException stopping) {
      log.info("images are not checked to the end; gantry system fsck does it");
    }
  }

  private static void tell(Finding finding) {
    log.atWarn()
        .addKeyValue("what", finding.kind() + " " + finding.name())
        .addKeyValue("problem", finding.problem())
        .addKeyValue("repair", finding.repair().orElse("none"))
        .log(finding.repaired() ? "repaired" : "not repaired");
  }

  @Override
  public void close() throws IOException {
    boolean unfinished = thread.isAlive();
    thread.interrupt();
    if (!unfinished) {
      // Otherwise the next daemon has the same reason to check as this one.
      stop.end();
    }
  }
}
