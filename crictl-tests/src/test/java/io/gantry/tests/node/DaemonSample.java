package io.gantry.tests.node;

import io.gantry.tests.tools.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What a daemon that is a JVM holds at one moment.
 *
 * @param liveBytes what is on its heap after a collection
 */
public record DaemonSample(int descriptors, int threads, long liveBytes, long residentBytes) {

  /** Looks now; the collection is asked for. */
  public static DaemonSample of(ProcessHandle daemon) {
    long live = liveBytes(daemon);
    return new DaemonSample(
        descriptors(daemon), entries(daemon, "task"), live, residentBytes(daemon));
  }

  /** How many descriptors a process has open. */
  public static int descriptors(ProcessHandle process) {
    return entries(process, "fd");
  }

  private static int entries(ProcessHandle process, String directory) {
    try (Stream<Path> all = Files.list(Path.of("/proc/" + process.pid(), directory))) {
      return (int) all.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long liveBytes(ProcessHandle daemon) {
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    String total =
        Command.of(jcmd, Long.toString(daemon.pid()), "GC.class_histogram")
            .run()
            .orFail()
            .stdout()
            .lines()
            .filter(line -> line.startsWith("Total"))
            .findFirst()
            .orElseThrow();
    return Long.parseLong(total.split("\\s+")[2]);
  }

  private static long residentBytes(ProcessHandle process) {
    try {
      return Files.readAllLines(Path.of("/proc/" + process.pid(), "status")).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return "%d descriptors, %d threads, %d kB live, %d kB resident"
        .formatted(descriptors, threads, liveBytes >> 10, residentBytes >> 10);
  }
}
