package io.gantry.tests.node;

import java.nio.file.Path;

/**
 * A CRI runtime with its own directories.
 *
 * <p>The tests are written against this, so that they can be held against a second, independent
 * runtime: a test that fails there as well tests its author's opinion.
 */
public interface RuntimeUnderTest {

  /** The socket that serves the CRI while the daemon runs. */
  Path socket();

  /** The running daemon's process. */
  ProcessHandle process();

  /**
   * Starts the daemon and returns when it answers Version.
   *
   * @throws AssertionError if it does not, with the end of its log
   */
  void start();

  /** Ends the daemon in an orderly way; containers live on. */
  void stop();

  /** Kills the daemon with SIGKILL and returns when the process is gone. */
  void kill();
}
