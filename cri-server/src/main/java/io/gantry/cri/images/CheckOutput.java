package io.gantry.cri.images;

import io.gantry.image.check.CheckSummary;
import io.gantry.image.check.Finding;
import java.io.PrintWriter;
import java.util.Locale;

/** A check of the image store in lines for people, as {@code gantry system fsck} shows it. */
public final class CheckOutput {

  private final PrintWriter out;

  public CheckOutput(PrintWriter out) {
    this.out = out;
  }

  public void show(Finding finding) {
    out.printf(
        "%s %s: %s%n",
        finding.kind().name().toLowerCase(Locale.ROOT), finding.name(), finding.problem());
    finding.repair().ifPresent(words -> out.printf("  %s%n", words));
    out.flush();
  }

  public void show(CheckSummary summary) {
    out.printf(
        "%d blobs, layers and records checked (%d MB): %s%n",
        summary.checked(),
        summary.bytes() / 1_000_000,
        summary.bad() == 0
            ? "all sound"
            : summary.bad() + " bad, " + summary.repaired() + " of them repaired");
    out.flush();
  }
}
