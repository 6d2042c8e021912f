package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.tools.Checkout;
import io.gantry.tests.tools.Command;
import io.gantry.tests.tools.Eventually;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What must be so whatever JDK gantry runs on: the one of JAVA_HOME, or that of the search path.
 */
@Tag("root")
class JavaIT {

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  private static Path java() throws IOException {
    Optional<String> home = Optional.ofNullable(System.getenv("JAVA_HOME"));
    return home.map(Path::of)
        .map(path -> path.resolve("bin/java"))
        .filter(Files::isExecutable)
        .orElseGet(() -> Path.of(Command.of("which", "java").run().orFail().stdout().strip()))
        .toRealPath();
  }

  @Test
  void daemonAndShims_runOnTheSameJava_shimsWithAnArchiveMadeForIt() throws IOException {
    try (TestPod pod = TestPod.run(node)) {
      // The first ones on a JDK that gantry was not built with start while the archive is made.
      AtomicInteger number = new AtomicInteger();
      long shim =
          Eventually.get(
              "the shim of a new container has an archive",
              Duration.ofSeconds(60),
              () -> shimOf(pod, pod.run("app" + number.incrementAndGet(), "sleep", "1000")),
              JavaIT::hasArchive);

      assertEquals(java(), executable(node.runtime().process().pid()));
      assertEquals(java(), executable(shim));
    }
  }

  private static long shimOf(TestPod pod, String container) {
    return ProcessHandle.of(pod.pid(container)).orElseThrow().parent().orElseThrow().pid();
  }

  private static boolean hasArchive(long shim) {
    try {
      return Files.readString(Path.of("/proc/" + shim + "/maps")).contains("/shim.jsa");
    } catch (IOException e) {
      throw new UncheckedIOException("read the maps of " + shim, e);
    }
  }

  private static Path executable(long pid) throws IOException {
    return Path.of("/proc/" + pid + "/exe").toRealPath();
  }

  @Test
  void daemonsLog_hasNothingOfTheJvmsOwn() throws IOException {
    try (TestPod pod = TestPod.run(node)) {
      String container = pod.run("app", "sleep", "1000");
      pod.execOutput(container, "true");
    }

    for (String line : Files.readAllLines(node.directory().daemonLog())) {
      assertTrue(line.matches("\\S+Z level=\\w+ msg=.*"), line);
    }
  }

  @Test
  void commands_printNothingOfTheJvmsOwn() {
    for (List<String> words :
        List.of(
            List.of("gantryd", "--version"),
            List.of("gantryd", "doctor"),
            List.of("gantry", "version"),
            List.of("containerd-shim-gantry-v2", "-v"))) {
      Path program = Checkout.distribution().resolve("bin").resolve(words.get(0));
      String said = Command.of(program.toString(), words.get(1)).run().stderr();

      assertTrue(!said.contains("WARNING:"), said);
    }
  }
}
