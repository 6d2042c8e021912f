package io.gantry.cri.nri;

import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.nio.file.Path;
import java.util.Map;

/** Starts plugins that are installed on the node. Thread-safe. */
public interface PluginLauncher {
  /**
   * Starts a program that finds its end of a connection as descriptor {@link #DESCRIPTOR}.
   *
   * @param environment all of it
   * @throws IOException naming the program and why it does not start
   */
  Launched launch(Path program, Map<String, String> environment) throws IOException;

  /** The number of the program's descriptor. */
  int DESCRIPTOR = 3;

  /** A program that runs. */
  interface Launched {
    /** The other end of its connection. */
    ByteChannel connection();

    /** Kills it if it still runs. */
    void kill();
  }
}
