package io.gantry.tests.vm;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Prints how each test ends and writes a class's report as soon as its last test has ended, so that
 * what was learned before a crash is not lost.
 */
final class ClassReports implements TestExecutionListener {

  private static final String CLASS_INVOCATION = "class-template-invocation";

  private final String where;
  private final Path directory;
  private final PrintStream out;
  private final Map<String, ClassReport> reports = new LinkedHashMap<>();
  private final Map<String, Long> began = new LinkedHashMap<>();
  private TestPlan plan;

  ClassReports(String where, Path directory, PrintStream out) {
    this.where = where;
    this.directory = directory;
    this.out = out;
  }

  int ran() {
    return reports.values().stream().mapToInt(ClassReport::tests).sum();
  }

  int failed() {
    return reports.values().stream().mapToInt(ClassReport::failures).sum();
  }

  String summary() {
    int skipped = reports.values().stream().mapToInt(ClassReport::skipped).sum();
    return "tests %d, failed %d, skipped %d".formatted(ran(), failed(), skipped);
  }

  @Override
  public void testPlanExecutionStarted(TestPlan started) {
    plan = started;
  }

  @Override
  public void executionStarted(TestIdentifier test) {
    began.put(test.getUniqueId(), System.nanoTime());
  }

  @Override
  public void executionSkipped(TestIdentifier test, String reason) {
    add(test, new Ending.Skipped(reason));
    finish(test);
  }

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    boolean ended = result.getStatus() != TestExecutionResult.Status.SUCCESSFUL;
    // A container (a class) that fails or is aborted stands for all the tests that it then lacks.
    if (test.isTest() || ended) {
      add(test, Ending.of(result));
    }
    finish(test);
  }

  private void add(TestIdentifier test, Ending ending) {
    Optional<String> name = className(test);
    if (name.isEmpty()) {
      return;
    }
    Long begin = began.get(test.getUniqueId());
    double seconds = begin == null ? 0 : (System.nanoTime() - begin) / 1e9;
    ClassReport report =
        reports.computeIfAbsent(name.get(), known -> new ClassReport(where, known));
    report.add(name(test), seconds, ending);
    out.printf(
        "%-7s %7.1f s  %s.%s%s%n",
        ending.word(), seconds, report.shortName(), name(test), ending.remark());
  }

  private void finish(TestIdentifier test) {
    boolean isClass = test.getSource().filter(ClassSource.class::isInstance).isPresent();
    ClassReport report = isClass ? reports.get(className(test).orElseThrow()) : null;
    if (report == null) {
      return;
    }
    try {
      report.write(directory);
    } catch (IOException e) {
      throw new UncheckedIOException("write the report of " + report.shortName(), e);
    }
  }

  /** The class whose report this belongs to: its own or that of the nearest parent with one. */
  private Optional<String> className(TestIdentifier test) {
    Optional<TestIdentifier> here = Optional.of(test);
    while (here.isPresent()) {
      Object source = here.get().getSource().orElse(null);
      if (source instanceof ClassSource known) {
        return Optional.of(known.getClassName());
      }
      if (source instanceof MethodSource known) {
        return Optional.of(known.getClassName());
      }
      here = plan.getParent(here.get());
    }
    return Optional.empty();
  }

  /** The method's name; for one of its several runs, with what tells them apart. */
  private String name(TestIdentifier test) {
    Object source = test.getSource().orElse(null);
    if (!(source instanceof MethodSource method)) {
      return test.getDisplayName();
    }
    boolean oneOfSeveral =
        plan.getParent(test)
            .flatMap(TestIdentifier::getSource)
            .filter(MethodSource.class::isInstance)
            .isPresent();
    String name =
        oneOfSeveral
            ? method.getMethodName() + " " + test.getDisplayName()
            : method.getMethodName();
    return name + parameterOfTheClass(test);
  }

  /** A class that takes parameters has a parent per parameter above its methods. */
  private String parameterOfTheClass(TestIdentifier test) {
    Optional<TestIdentifier> here = plan.getParent(test);
    while (here.isPresent()) {
      if (here.get().getUniqueIdObject().getLastSegment().getType().equals(CLASS_INVOCATION)) {
        return " " + here.get().getDisplayName();
      }
      here = plan.getParent(here.get());
    }
    return "";
  }
}
