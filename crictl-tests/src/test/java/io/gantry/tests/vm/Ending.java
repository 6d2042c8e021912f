package io.gantry.tests.vm;

import org.junit.platform.engine.TestExecutionResult;

/** How a test ended. */
sealed interface Ending {

  record Passed() implements Ending {}

  record Skipped(String reason) implements Ending {}

  record Failed(Throwable cause) implements Ending {}

  static Ending of(TestExecutionResult result) {
    Throwable cause =
        result.getThrowable().orElseGet(() -> new AssertionError("ended without a reason"));
    return switch (result.getStatus()) {
      case SUCCESSFUL -> new Passed();
      case ABORTED -> new Skipped(String.valueOf(cause.getMessage()));
      case FAILED -> new Failed(cause);
    };
  }

  default String word() {
    return this instanceof Passed ? "ok" : this instanceof Skipped ? "skipped" : "FAILED";
  }

  /** Why, in one line, if there is a why. */
  default String remark() {
    String why =
        this instanceof Skipped skipped
            ? skipped.reason()
            : this instanceof Failed failed ? failed.cause().toString() : "";
    return why.isEmpty() ? "" : ": " + why.lines().findFirst().orElse("");
  }
}
