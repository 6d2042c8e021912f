package io.gantry.docker.cli.terminal;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Standard input, output and error.
 *
 * @param in not buffered: what is typed goes on at once
 */
public record Streams(InputStream in, PrintStream out, PrintStream err) {
  private static final int BUFFER = 32 * 1024;

  public static Streams ofThisProcess() {
    return new Streams(
        new FileInputStream(FileDescriptor.in),
        print(FileDescriptor.out),
        print(FileDescriptor.err));
  }

  private static PrintStream print(FileDescriptor descriptor) {
    return new PrintStream(
        new java.io.BufferedOutputStream(new FileOutputStream(descriptor), BUFFER),
        false,
        StandardCharsets.UTF_8);
  }

  public void flush() {
    out.flush();
    err.flush();
  }
}
