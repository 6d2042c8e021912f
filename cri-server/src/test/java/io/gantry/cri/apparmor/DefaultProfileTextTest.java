package io.gantry.cri.apparmor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The default AppArmor profile. */
class DefaultProfileTextTest {
  @Test
  void text_deniesMountsAndTheKernelsOwnFiles() {
    String text = DefaultProfileText.text();
    assertTrue(text.startsWith("profile gantry-default flags="), text);
    for (String rule :
        new String[] {
          "deny mount,",
          "deny /proc/* w,",
          "deny /proc/sys/[^kn]** w,",
          "deny /proc/{kcore,kmem,mem,sysrq-trigger} rwklx,",
          "signal (receive) peer=unconfined,",
          "ptrace (trace, read, tracedby, readby) peer=gantry-default,"
        }) {
      assertTrue(text.contains("\n  " + rule + "\n"), rule + " in " + text);
    }
    assertTrue(text.endsWith("\n}\n"), text);
  }

  @Test
  void text_isUnderstoodByTheParser() throws Exception {
    Path parser = Path.of("/sbin/apparmor_parser");
    Assumptions.assumeTrue(Files.isExecutable(parser), "needs the package apparmor");
    Process process =
        new ProcessBuilder(parser.toString(), "--skip-kernel-load", "--skip-cache", "--names")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (var input = process.outputWriter()) {
      input.write(DefaultProfileText.text());
    }
    String names = new String(process.getInputStream().readAllBytes());
    assertEquals(0, process.waitFor());
    assertEquals("gantry-default", names.strip());
  }
}
