package io.gantry.tests.vm;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs the tests of a list, prints a line as each ends, and leaves a JUnit report per class.
 *
 * <p>A list names a class or a method ({@code ResourcesIT}, {@code fuzz.FuzzIT}, {@code
 * ExitIT#exit_givesCodeAndReason}) per line, below {@code io.gantry.tests} unless it begins with
 * {@code io.gantry.}; what follows {@code #} and a blank, or an empty line, is skipped.
 */
public final class RunTests {

  private static final String BASE = "io.gantry.tests.";
  private static final int FAILED = 1;
  private static final int NOTHING_RAN = 2;

  // A test that hangs must not take the others' time; each of them has tighter limits of its own.
  private static final String LONGEST = "20 m";

  private RunTests() {}

  /**
   * Exits with 0 if all passed, 1 if some failed, 2 if there was none.
   *
   * @param arguments the file with the list, the directory for the reports, and the word for where
   *     this is, which the reports' names begin with
   */
  public static void main(String[] arguments) throws IOException {
    List<DiscoverySelector> selectors = selectors(Files.readAllLines(Path.of(arguments[0])));
    Path directory = Files.createDirectories(Path.of(arguments[1]));
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    ClassReports reports = new ClassReports(arguments[2], directory, out);
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(selectors)
            .configurationParameter(
                "junit.jupiter.execution.timeout.testable.method.default", LONGEST)
            .build();
    LauncherFactory.create().execute(request, reports);
    out.println(reports.summary());
    // Netty's threads and a registry's may still be there.
    System.exit(reports.ran() == 0 ? NOTHING_RAN : reports.failed() == 0 ? 0 : FAILED);
  }

  private static List<DiscoverySelector> selectors(List<String> lines) {
    List<DiscoverySelector> selectors = new ArrayList<>();
    for (String line : lines) {
      String name = line.replaceFirst("(^|\\s)#\\s.*", "").strip();
      if (name.isEmpty()) {
        continue;
      }
      name = name.startsWith("io.gantry.") ? name : BASE + name;
      int method = name.indexOf('#');
      // Not DiscoverySelectors.selectMethod: that needs the types of the parameters.
      selectors.add(
          method < 0
              ? DiscoverySelectors.selectClass(name)
              : Methods.named(name.substring(0, method), name.substring(method + 1)));
    }
    return selectors;
  }
}
