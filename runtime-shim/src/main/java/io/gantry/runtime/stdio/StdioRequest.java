package io.gantry.runtime.stdio;

/**
 * Where a process's streams go, as asked for.
 *
 * @param terminal one terminal for all three: {@code stderr} is not used then
 */
public record StdioRequest(StdioUri stdin, StdioUri stdout, StdioUri stderr, boolean terminal) {
  /**
   * Reads the three URIs of a request; a scheme given for stdout stands for stderr too when that is
   * the same text.
   */
  public static StdioRequest parse(String stdin, String stdout, String stderr, boolean terminal) {
    StdioUri out = StdioUri.parse(stdout);
    StdioUri err =
        terminal ? new StdioUri.Nowhere() : stderr.equals(stdout) ? out : StdioUri.parse(stderr);
    // file:// receives both streams whatever stderr says (containerd's contract).
    if (!terminal && out instanceof StdioUri.AppendedFile) {
      err = out;
    }
    return new StdioRequest(StdioUri.parse(stdin), out, err, terminal);
  }

  /**
   * True when both outputs were given by the same text. Not asked by equals: a record's own costs a
   * shim some 100 classes at its first use.
   */
  boolean isOneOutput() {
    return stdout == stderr;
  }
}
