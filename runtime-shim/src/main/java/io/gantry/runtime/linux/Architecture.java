package io.gantry.runtime.linux;

/** A processor architecture that gantry has machine code and system call numbers for. */
public enum Architecture {
  X86_64,
  AARCH64;

  private static final Architecture CURRENT = ofJavaName(System.getProperty("os.arch"));

  /**
   * The architecture this process runs on.
   *
   * @throws UnsupportedOperationException if it is neither x86-64 nor aarch64
   */
  public static Architecture current() {
    if (CURRENT == null) {
      throw new UnsupportedOperationException(
          "gantry runs on x86-64 and aarch64, not on " + System.getProperty("os.arch"));
    }
    return CURRENT;
  }

  private static Architecture ofJavaName(String name) {
    switch (name) {
      case "amd64":
      case "x86_64":
        return X86_64;
      case "aarch64":
        return AARCH64;
      default:
        return null;
    }
  }
}
