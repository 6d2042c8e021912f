package io.gantry.docker.cli.api;

import java.io.IOException;

/** The engine's refusal, in its own words. */
public final class ApiFailure extends IOException {
  private static final long serialVersionUID = 1;
  private final int status;
  private final String words;

  public ApiFailure(int status, String words) {
    this("Error response from daemon: " + words, status, words);
  }

  /** What follows from more than one answer, and no engine has said in these words. */
  public static ApiFailure local(int status, String words) {
    return new ApiFailure(words, status, words);
  }

  private ApiFailure(String message, int status, String words) {
    super(message);
    this.status = status;
    this.words = words;
  }

  public int status() {
    return status;
  }

  /** What the engine said, and nothing else. */
  public String words() {
    return words;
  }
}
