package io.gantry.docker.cli.rehearsal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The archive of classes that the command's JVM maps instead of loading them: two thirds of its
 * time to start. It belongs to one build of the JDK and one place of the jar; a JVM that it does
 * not fit goes on without.
 */
public final class ClassArchive {
  /** What the JVM of the rehearsal is told, so that it rehearses. */
  public static final String REHEARSE = "gantry.rehearse";

  private final Path home;

  /**
   * @param home where lib is
   */
  public ClassArchive(Path home) {
    this.home = home;
  }

  public Path file() {
    return home.resolve("lib").resolve("cli").resolve("cli.jsa");
  }

  /**
   * Makes it anew and puts it in place in one step; takes some seconds.
   *
   * @throws IOException if a JVM fails; the message has what it printed
   */
  public void make() throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory(file().getParent(), ".rehearsal");
    Path classes = directory.resolve("classes.lst");
    Path made = directory.resolve("cli.jsa");
    try {
      List<String> rehearse = jvm("-XX:+UseSerialGC");
      rehearse.addAll(
          List.of(
              "-XX:DumpLoadedClassList=" + classes,
              "-D" + REHEARSE + "=" + directory.resolve("engine.sock"),
              "io.gantry.docker.cli.Gantry"));
      run(rehearse);
      // Only this collector puts objects (strings, the module graph) into the archive on JDK 17.
      List<String> dump = jvm("-XX:+UseG1GC");
      dump.addAll(
          List.of(
              "-Xshare:dump",
              "-XX:SharedClassListFile=" + classes,
              "-XX:SharedArchiveFile=" + made));
      run(dump);
      Files.move(made, file(), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      for (Path left : List.of(classes, made, directory.resolve("engine.sock"), directory)) {
        Files.deleteIfExists(left);
      }
    }
  }

  private List<String> jvm(String collector) {
    return new ArrayList<>(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            collector,
            "-Xmx128m",
            "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData",
            "-Dgantry.home=" + home,
            "-cp",
            file().resolveSibling("cli.jar").toString()));
  }

  private static void run(List<String> line) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes());
    if (process.waitFor() != 0) {
      throw new IOException(
          String.join(" ", line) + " ended with " + process.exitValue() + ": " + output);
    }
  }
}
