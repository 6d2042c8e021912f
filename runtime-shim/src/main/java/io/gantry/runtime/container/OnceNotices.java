package io.gantry.runtime.container;

import java.util.HashSet;
import java.util.Set;

/** Passes every notice on once. Thread-safe. */
final class OnceNotices implements ContainerEngine.Notices {
  private final ContainerEngine.Notices next;
  private final Set<String> given = new HashSet<>(); // Guarded by this.

  OnceNotices(ContainerEngine.Notices next) {
    this.next = next;
  }

  @Override
  public void notice(String text) {
    synchronized (this) {
      if (!given.add(text)) {
        return;
      }
    }
    next.notice(text);
  }
}
