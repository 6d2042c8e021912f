package io.gantry.cri.process;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs the machine's ps(1). */
final class HostPs {
  private static final int OUTPUT_LIMIT_BYTES = 8 << 20;
  private static final int LIMIT_SECONDS = 20;

  private HostPs() {}

  /**
   * What ps prints.
   *
   * @throws CriException if it does not take the arguments, or is not here
   */
  static String run(List<String> arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("ps"));
    command.addAll(arguments);
    String words = String.join(" ", command);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("LC_ALL", "C");
    Process ps;
    try {
      ps = builder.start();
    } catch (IOException e) {
      throw new CriException(
          Failure.UNAVAILABLE, words + ": this machine has no ps (package procps)", e);
    }
    try {
      ps.getOutputStream().close();
      byte[] printed = output(ps.getInputStream());
      if (!ps.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        throw new CriException(Failure.TIMED_OUT, words + ": it does not end");
      }
      String text = new String(printed, StandardCharsets.UTF_8);
      if (ps.exitValue() != 0) {
        String why = text.lines().filter(line -> !line.isBlank()).findFirst().orElse("it failed");
        throw CriException.invalid(words + ": " + why);
      }
      return text;
    } finally {
      ps.destroyForcibly();
    }
  }

  private static byte[] output(InputStream in) throws IOException {
    byte[] printed = in.readNBytes(OUTPUT_LIMIT_BYTES + 1);
    if (printed.length > OUTPUT_LIMIT_BYTES) {
      throw new CriException(Failure.EXHAUSTED, "ps prints more than 8 MiB");
    }
    return printed;
  }
}
