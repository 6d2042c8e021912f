package io.gantry.docker.cli.terminal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A terminal by coreutils' stty: the JDK cannot ask a terminal for anything, and native code has no
 * place in this module.
 */
public final class SttyTerminal implements Terminal {
  private static final int TIMEOUT_SECONDS = 10;

  private final boolean reads;
  private final boolean writes;
  private final boolean writesErrors;
  private String before;
  private boolean hooked;

  /**
   * @param facts three digits, 1 for what is a terminal: standard input, output, error. The program
   *     that starts the JVM knows, and the JDK does not
   */
  public SttyTerminal(String facts) {
    reads = is(facts, 0);
    writes = is(facts, 1);
    writesErrors = is(facts, 2);
  }

  private static boolean is(String facts, int index) {
    return facts.length() > index && facts.charAt(index) == '1';
  }

  @Override
  public boolean reads() {
    return reads;
  }

  @Override
  public boolean writes() {
    return writes;
  }

  @Override
  public boolean writesErrors() {
    return writesErrors;
  }

  @Override
  public Size size() {
    try {
      String[] words = stty("size").strip().split(" ");
      return words.length == 2
          ? new Size(Integer.parseInt(words[0]), Integer.parseInt(words[1]))
          : Size.UNKNOWN;
    } catch (IOException | NumberFormatException e) {
      return Size.UNKNOWN;
    }
  }

  @Override
  public void makeRaw() throws IOException {
    remember();
    stty("raw", "-echo");
  }

  @Override
  public void hideTyping() throws IOException {
    remember();
    stty("-echo");
  }

  /** A process that is ended must not leave the user with a terminal that shows nothing. */
  private synchronized void remember() throws IOException {
    if (before == null) {
      before = stty("-g").strip();
    }
    if (!hooked) {
      hooked = true;
      Runtime.getRuntime().addShutdownHook(new Thread(this::restore, "restore the terminal"));
    }
  }

  @Override
  public synchronized void restore() {
    if (before == null) {
      return;
    }
    try {
      stty(before);
      before = null;
    } catch (IOException e) {
      System.err.println("gantry: the terminal could not be restored, type: stty sane");
    }
  }

  @Override
  public void onResize(Runnable listener) {
    Signals.handle("WINCH", listener);
  }

  private String stty(String... words) throws IOException {
    List<String> command = new ArrayList<>(List.of("stty"));
    if (!reads) {
      command.addAll(List.of("-F", "/dev/tty"));
    }
    command.addAll(List.of(words));
    Process process =
        new ProcessBuilder(command)
            .redirectInput(ProcessBuilder.Redirect.INHERIT)
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException("stty does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for stty", e);
    }
    if (process.exitValue() != 0) {
      throw new IOException(String.join(" ", command) + ": " + output.strip());
    }
    return output;
  }
}
