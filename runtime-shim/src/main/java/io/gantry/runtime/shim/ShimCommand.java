package io.gantry.runtime.shim;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The command line of a shim's JVM. A shim is paid for per container, so that every flag here is
 * there for its memory or its start.
 *
 * @param java the {@code java} program
 * @param classPath what the shim is made of
 * @param nativeLibraries directory that holds jffi's library, or empty to let jffi unpack it anew
 *     at each start
 * @param archive class data archive made for exactly this JDK and class path, or empty
 * @param moreFlags of the JVM, after and so in place of the ones here
 */
public record ShimCommand(
    Path java,
    String classPath,
    Optional<Path> nativeLibraries,
    Optional<Path> archive,
    List<String> moreFlags) {
  /** The line a server prints on standard output once its socket accepts connections. */
  public static final String READY = "ready";

  /**
   * What glibc's malloc is to be told, by the environment, in every shim: one arena instead of one
   * per thread and core; and blocks of the size that the JIT compiler works in each mapped by
   * itself, so that they leave the process when it is done. One method that is compiled late would
   * keep 2 to 5 MB otherwise, below smaller blocks that stay.
   */
  public static final Map<String, String> ENVIRONMENT =
      Map.of("MALLOC_ARENA_MAX", "1", "MALLOC_MMAP_THRESHOLD_", "16384");

  private static final String MAIN = "io.gantry.runtime.shim.Shim";
  // From here on Java warns on standard error of what it will forbid one day: loading native code,
  // and sun.misc.Unsafe, which protobuf uses.
  private static final int FIRST_WARNING_JAVA = 24;

  public ShimCommand {
    moreFlags = List.copyOf(moreFlags);
  }

  /**
   * The shim of an installed gantry.
   *
   * @param home the directory that holds {@code bin} and {@code lib}
   */
  public static ShimCommand installed(Path home) {
    Path lib = home.resolve("lib");
    Path archive = lib.resolve("shim").resolve("shim.jsa");
    ShimCommand plain =
        new ShimCommand(
            Path.of(System.getProperty("java.home"), "bin", "java"),
            lib.resolve("shim").resolve("shim.jar").toString(),
            Optional.of(lib.resolve("native").resolve(machine())),
            Optional.empty(),
            List.of());
    return ShimArchive.fits(archive, plain) ? plain.withArchive(Optional.of(archive)) : plain;
  }

  /** The shim out of the class path of this very process: for tests, without an archive. */
  public static ShimCommand ofThisProcess() {
    return new ShimCommand(
        Path.of(System.getProperty("java.home"), "bin", "java"),
        System.getProperty("java.class.path"),
        Optional.ofNullable(System.getProperty("jffi.boot.library.path")).map(Path::of),
        Optional.empty(),
        List.of());
  }

  /**
   * The installed shim when this process runs from an installed gantry ({@code -Dgantry.home}),
   * else its own class path.
   */
  public static ShimCommand current() {
    String home = System.getProperty("gantry.home");
    return home == null ? ofThisProcess() : installed(Path.of(home));
  }

  public ShimCommand withArchive(Optional<Path> file) {
    return new ShimCommand(java, classPath, nativeLibraries, file, moreFlags);
  }

  public ShimCommand withMoreFlags(List<String> flags) {
    return new ShimCommand(java, classPath, nativeLibraries, archive, flags);
  }

  /** The machine's name as uname(1) has it. */
  private static String machine() {
    String arch = System.getProperty("os.arch");
    return arch.equals("amd64") ? "x86_64" : arch;
  }

  /**
   * A shim that serves on a socket.
   *
   * @param idleExit ends by itself after so long without container and connection
   */
  public List<String> server(
      Path socket, String namespace, String id, Optional<Duration> idleExit) {
    List<String> line = jvm();
    line.add(MAIN);
    line.addAll(List.of("-namespace", namespace, "-id", id, "-socket", socket.toString()));
    idleExit.ifPresent(
        limit -> line.addAll(List.of("-idle-exit", Long.toString(limit.toSeconds()))));
    return line;
  }

  /** The JVM with its flags, up to but without the main class. */
  List<String> jvm() {
    List<String> line = new ArrayList<>();
    line.add(java.toString());
    line.addAll(List.of("-XX:+UseSerialGC", "-Xms1m", "-Xmn640k", "-Xmx8m", "-Xss180k"));
    // Most of a shim's methods run a few hundred times in all: compiling these costs 1.5 MB and a
    // good part of the start. What copies output gets hot enough all the same.
    line.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:CompileThresholdScaling=10"));
    line.add("-XX:ReservedCodeCacheSize=4m");
    line.addAll(List.of("-XX:-UsePerfData", "-Xrs", "-XX:+UnlockDiagnosticVMOptions"));
    // A relocated archive is copied page by page: 8 MB of private memory instead of shared.
    line.addAll(List.of("-XX:ArchiveRelocationMode=0", "-XX:+IgnoreUnrecognizedVMOptions"));
    // Nothing may be printed on standard output but what the protocol says, not even that an
    // archive does not fit.
    line.add("-Xlog:disable");
    if (Runtime.version().feature() >= FIRST_WARNING_JAVA) {
      line.add("--enable-native-access=ALL-UNNAMED");
      line.add("--sun-misc-unsafe-memory-access=allow");
    }
    archive.ifPresent(file -> line.add("-XX:SharedArchiveFile=" + file));
    nativeLibraries.ifPresent(directory -> line.add("-Djffi.boot.library.path=" + directory));
    line.addAll(moreFlags);
    line.addAll(List.of("-cp", classPath));
    return line;
  }
}
