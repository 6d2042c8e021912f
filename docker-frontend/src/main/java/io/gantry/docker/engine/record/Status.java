package io.gantry.docker.engine.record;

import java.util.Locale;

/** What a container is doing, by the API's names. */
public enum Status {
  CREATED,
  RUNNING,
  PAUSED,
  RESTARTING,
  REMOVING,
  EXITED,
  DEAD;

  /** Whether it has a process. */
  public boolean isRunning() {
    return this == RUNNING || this == PAUSED;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Status of(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }
}
