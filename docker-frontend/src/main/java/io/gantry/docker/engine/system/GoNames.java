package io.gantry.docker.engine.system;

/** What Go, and so Docker, calls things that Linux has other names for. */
final class GoNames {
  private GoNames() {}

  /** Of what uname(2) says. */
  static String architecture(String machine) {
    return switch (machine) {
      case "x86_64" -> "amd64";
      case "aarch64" -> "arm64";
      default -> machine;
    };
  }
}
