package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.tests.node.TestNode;
import io.gantry.tests.tools.Checkout;
import io.gantry.tests.tools.Command;
import io.gantry.tests.tools.CriTools;
import io.gantry.tests.tools.CritestReport;
import io.gantry.tests.tools.CritestReport.Spec;
import io.gantry.tests.tools.CritestSkips;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The conformance suite of the CRI, run once, its streaming specs twice; each of its specs that ran
 * is a test here.
 *
 * <p>{@code -Dgantry.tests.critest.focus=REGEX} runs the specs alone whose names match.
 *
 * <p>The count is written to {@code target/critest-summary.txt}.
 */
@Tag("root")
class CritestIT {

  @RegisterExtension static final TestNode node = TestNode.empty();

  private static final Duration DEADLINE = Duration.ofMinutes(20);

  // Exec with and without a terminal, attach, port-forward into a pod and on the host.
  private static final long STREAMING_SPECS = 5;

  @BeforeAll
  static void pushImages() {
    node.registry().pushCritestImages();
  }

  @TestFactory
  Stream<DynamicTest> specs() throws IOException {
    CritestSkips skips = CritestSkips.read();
    String focus = System.getProperty("gantry.tests.critest.focus", "");
    Run run = run("critest", skips, focus, List.of());
    Files.writeString(
        Checkout.root().resolve("target/critest-summary.txt"), run.report().summary(skips));
    return Stream.concat(run.specs(""), Stream.of(run.isWhole()));
  }

  /** Streaming goes over SPDY unless critest is told otherwise. */
  @TestFactory
  Stream<DynamicTest> streamingSpecsOverWebSocket() throws IOException {
    List<String> flags = List.of("-websocket-exec", "-websocket-attach", "-websocket-portforward");
    Run run = run("critest-websocket", CritestSkips.read(), "Streaming", flags);
    DynamicTest all =
        DynamicTest.dynamicTest(
            "every streaming spec ran over WebSocket",
            () -> assertEquals(STREAMING_SPECS, run.specs("").count(), "see " + run.log()));
    return Stream.concat(run.specs("over WebSocket: "), Stream.of(run.isWhole(), all));
  }

  /**
   * A run of critest.
   *
   * @param log where its words are
   */
  private record Run(CritestReport report, int exitCode, String log) {
    Stream<DynamicTest> specs(String prefix) {
      return report.specs().stream()
          .filter(spec -> !spec.skipped())
          .map(spec -> DynamicTest.dynamicTest(prefix + spec.name(), () -> assertPassed(spec)));
    }

    DynamicTest isWhole() {
      return DynamicTest.dynamicTest(
          "critest ran to its end",
          () -> {
            assertTrue(report.specs().size() > 100, () -> "only " + report.specs().size());
            assertEquals(
                report.specs().stream().anyMatch(Spec::failed) ? 1 : 0, exitCode, "see " + log);
          });
    }
  }

  private static Run run(String name, CritestSkips skips, String focus, List<String> flags)
      throws IOException {
    Path file = node.directory().scratch().resolve(name + ".xml");
    // Logs of pods go below the directory that Go calls temporary; keep them with the node.
    Path temporary = Files.createDirectory(node.directory().scratch().resolve(name));
    Set<String> segments = sharedMemorySegments();
    List<String> words =
        new ArrayList<>(
            List.of(
                CriTools.ready().critest().toString(),
                "-runtime-endpoint=unix://" + node.runtime().socket(),
                "-image-endpoint=unix://" + node.runtime().socket(),
                "-nri-socket=" + node.directory().state().resolve("nri.sock"),
                "-config=" + node.directory().scratch().resolve("crictl.yaml"),
                "-ginkgo.junit-report=" + file,
                "-ginkgo.no-color",
                "-ginkgo.timeout=" + DEADLINE.toMinutes() + "m",
                "-ginkgo.skip=" + skips.pattern(),
                "-ginkgo.focus=" + focus));
    words.addAll(flags);
    Command.Outcome outcome =
        Command.of(words)
            .with(Map.of("TMPDIR", temporary.toString()))
            .in(temporary)
            .within(DEADLINE.plusMinutes(1))
            .run();
    // The specs on IPC namespaces make segments on the host and leave them there.
    sharedMemorySegments().stream()
        .filter(segment -> !segments.contains(segment))
        .forEach(segment -> Command.of("ipcrm", "-m", segment).run());
    Files.createDirectories(Checkout.root().resolve("target"));
    String log = "target/" + name + ".log";
    Files.write(Checkout.root().resolve(log), outcome.stdoutBytes());
    return new Run(CritestReport.read(file), outcome.exitCode(), log);
  }

  /** The segments of the size critest makes that nobody has attached. */
  private static Set<String> sharedMemorySegments() throws IOException {
    return Files.readAllLines(Path.of("/proc/sysvipc/shm")).stream()
        .map(line -> line.strip().split("\\s+"))
        .filter(fields -> fields[3].equals("1048576") && fields[6].equals("0"))
        .map(fields -> fields[1])
        .collect(Collectors.toSet());
  }

  private static void assertPassed(Spec spec) {
    assertTrue(!spec.failed(), spec::failure);
  }
}
