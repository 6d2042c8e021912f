package io.gantry.cri.apparmor;

import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.SecurityModules;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * {@link AppArmorProfiles} of the running kernel. What is loaded is read in securityfs; loading is
 * left to apparmor_parser(8), which alone compiles profiles for the kernel at hand.
 */
public final class KernelAppArmorProfiles implements AppArmorProfiles {
  private static final List<Path> PARSERS =
      List.of(Path.of("/sbin/apparmor_parser"), Path.of("/usr/sbin/apparmor_parser"));

  private static final long PATIENCE_SECONDS = 30;

  private final Linux linux;
  private final List<Path> parsers;

  public KernelAppArmorProfiles(Linux linux) {
    this(linux, PARSERS);
  }

  /** Looks for the parser elsewhere. */
  KernelAppArmorProfiles(Linux linux, List<Path> parsers) {
    this.linux = linux;
    this.parsers = List.copyOf(parsers);
  }

  @Override
  public boolean isLoaded(String name) throws IOException {
    return SecurityModules.loadedAppArmorProfiles(linux.files())
        .lines()
        .anyMatch(line -> isOf(line, name));
  }

  /** Names may hold spaces and parentheses; the mode is the last word. */
  private static boolean isOf(String line, String name) {
    int mode = line.lastIndexOf(" (");
    return mode >= 0 && line.substring(0, mode).equals(name);
  }

  @Override
  public boolean hasDefault() throws IOException {
    return parsers.stream().anyMatch(Files::isExecutable) || isLoaded(DefaultProfileText.NAME);
  }

  @Override
  public synchronized String loadedDefault() throws IOException, InterruptedException {
    if (!isLoaded(DefaultProfileText.NAME)) {
      load(DefaultProfileText.text());
    }
    return DefaultProfileText.NAME;
  }

  private void load(String profile) throws IOException, InterruptedException {
    Path parser =
        parsers.stream()
            .filter(Files::isExecutable)
            .findFirst()
            .orElseThrow(
                () ->
                    new IOException(
                        "load AppArmor profile "
                            + DefaultProfileText.NAME
                            + ": there is no apparmor_parser; install the package apparmor"));
    Process process =
        new ProcessBuilder(parser.toString(), "--replace", "--skip-cache")
            .redirectErrorStream(true)
            .start();
    try {
      try (OutputStream input = process.getOutputStream()) {
        input.write(profile.getBytes(StandardCharsets.UTF_8));
      }
      String words = new String(process.getInputStream().readNBytes(4096), StandardCharsets.UTF_8);
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("not done after " + PATIENCE_SECONDS + " s");
      }
      if (process.exitValue() != 0) {
        throw new IOException("it ended with code " + process.exitValue() + ": " + words.strip());
      }
    } catch (IOException e) {
      throw new IOException(
          "load AppArmor profile %s by %s: %s"
              .formatted(DefaultProfileText.NAME, parser, e.getMessage()),
          e);
    } finally {
      process.destroyForcibly();
    }
  }
}
