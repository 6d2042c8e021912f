package io.gantry.cri.doctor;

import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Help.Ansi;

/** Everything that a doctor found. */
public record Diagnosis(List<Finding> findings) {
  private static final String LINE = "%s  %-12s  %s%n";
  private static final String REMEDY = "         %-12s  fix: %s%n";

  public Diagnosis {
    findings = List.copyOf(findings);
  }

  /** Whether pods can run. */
  public boolean isFit() {
    return findings.stream().noneMatch(each -> each.verdict() == Verdict.MISSING);
  }

  /** Writes a line per finding, and one for what to do about it; coloured where the terminal is. */
  public void print(PrintWriter out, Ansi ansi) {
    for (Finding finding : findings) {
      out.printf(LINE, mark(finding.verdict(), ansi), finding.subject(), finding.words());
      finding.remedy().ifPresent(remedy -> out.printf(REMEDY, "", remedy));
    }
    out.println(isFit() ? "This machine can run pods." : "This machine cannot run pods yet.");
    out.flush();
  }

  private static String mark(Verdict verdict, Ansi ansi) {
    return switch (verdict) {
      case FINE -> ansi.string("@|green ok     |@");
      case ADVICE -> ansi.string("@|yellow advice |@");
      case MISSING -> ansi.string("@|red missing|@");
    };
  }
}
