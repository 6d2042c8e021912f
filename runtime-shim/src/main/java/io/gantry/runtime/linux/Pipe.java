package io.gantry.runtime.linux;

/** The two ends of a pipe, both close-on-exec; the holder closes both. */
public record Pipe(Fd readEnd, Fd writeEnd) implements AutoCloseable {
  @Override
  public void close() {
    readEnd.close();
    writeEnd.close();
  }
}
