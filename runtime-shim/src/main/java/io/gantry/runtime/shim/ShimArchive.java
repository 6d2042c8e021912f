package io.gantry.runtime.shim;

import java.io.File;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;

/**
 * Makes the class data archive that shims map instead of loading classes: a large part of a JVM's
 * start and of its private memory. The archive belongs to one build of the JDK and one class path;
 * a JVM silently does without one that does not fit.
 */
public final class ShimArchive {
  private static final String IDENTITY_SUFFIX = ".jdk";

  private ShimArchive() {}

  /**
   * True when {@code archive} was made with the JDK that runs this process and for the class path
   * of {@code command}. The JVM checks both again at each start and does without what does not fit.
   */
  public static boolean fits(Path archive, ShimCommand command) {
    try {
      return Files.exists(archive)
          && Files.readString(identityFile(archive)).equals(identity(command));
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Makes the archive anew and puts it in place in one step. Takes a few seconds of one core.
   *
   * @throws IOException when a JVM fails; the message has what it printed
   */
  public static void make(ShimCommand command, Path archive)
      throws IOException, InterruptedException {
    ShimCommand plain = command.withArchive(Optional.empty());
    Path directory =
        Files.createTempDirectory(archive.toAbsolutePath().getParent(), ".shim-archive");
    Path classes = directory.resolve("classes.lst");
    Path made = directory.resolve("shim.jsa");
    Path output = directory.resolve("output");
    try {
      List<String> train = plain.jvm();
      train.add(1, "-Xshare:auto");
      train.addAll(List.of("-XX:DumpLoadedClassList=" + classes, Shim.class.getName(), "train"));
      run(train, output);
      List<String> dump = plain.jvm();
      dump.add("-Xshare:dump");
      dump.addAll(List.of("-XX:SharedClassListFile=" + classes, "-XX:SharedArchiveFile=" + made));
      // The shim's own heap is too small for the dump; and only with this collector JDK 17 puts
      // objects (strings, the module graph) into the archive, which the serial one can read.
      dump.replaceAll(flag -> flag.startsWith("-Xmx") ? "-Xmx128m" : flag);
      dump.replaceAll(flag -> flag.equals("-XX:+UseSerialGC") ? "-XX:+UseG1GC" : flag);
      run(dump, output);
      Files.writeString(directory.resolve("identity"), identity(command));
      move(directory.resolve("identity"), identityFile(archive));
      move(made, archive);
    } finally {
      for (Path left : List.of(classes, made, output, directory.resolve("identity"), directory)) {
        Files.deleteIfExists(left);
      }
    }
  }

  private static void run(List<String> line, Path output) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(line)
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    int status = process.waitFor();
    if (status != 0) {
      throw new IOException(
          "make the shim's class data archive: "
              + line
              + " ended with "
              + status
              + ": "
              + Files.readString(output));
    }
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      throw new IOException("move " + from + " to " + to + ": not the same filesystem", e);
    }
  }

  private static Path identityFile(Path archive) {
    return archive.resolveSibling(archive.getFileName() + IDENTITY_SUFFIX);
  }

  private static String identity(ShimCommand command) throws IOException {
    StringBuilder text = new StringBuilder();
    for (String name : List.of("java.vm.vendor", "java.vm.version", "os.arch", "java.home")) {
      text.append(System.getProperty(name)).append('\n');
    }
    for (String jar : command.classPath().split(File.pathSeparator)) {
      Path file = Path.of(jar);
      text.append(file);
      if (Files.exists(file)) {
        text.append(' ')
            .append(Files.size(file))
            .append(' ')
            .append(Files.getLastModifiedTime(file));
      }
      text.append('\n');
    }
    return text.toString();
  }
}
