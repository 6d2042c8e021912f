package io.gantry.runtime.shim;

import io.gantry.runtime.container.ContainerException;
import io.gantry.runtime.container.StartedProcess.Distant;
import io.gantry.runtime.stdio.ProcessIo;
import java.io.IOException;

/** The ends of a distant process's terminal and input, as its streams know them. */
final class DistantEnds implements ProcessIo.FarEnd {
  private final Distant process;

  DistantEnds(Distant process) {
    this.process = process;
  }

  @Override
  public void resize(int columns, int rows) throws IOException {
    try {
      process.resize(columns, rows);
    } catch (ContainerException e) {
      throw Failures.toStatus(e);
    }
  }

  @Override
  public void closeStdin() throws IOException {
    try {
      process.closeStdin();
    } catch (ContainerException e) {
      throw Failures.toStatus(e);
    }
  }
}
