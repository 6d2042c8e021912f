package io.gantry.cri.streaming.portforward;

import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.NamespaceKind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Dials on the loopback interface of a pod.
 *
 * @param networkNamespace where the pod's is pinned; empty if the pod has the host's
 */
public record PodLoopback(Linux linux, Optional<Path> networkNamespace) implements PortDialer {
  /** A connection over loopback stands or fails at once, unless the listener's queue is full. */
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  @Override
  public Fd dial(int port) throws IOException {
    if (networkNamespace.isEmpty()) {
      return linux.network().connectToLoopback(Optional.empty(), port, TIMEOUT);
    }
    String pin = networkNamespace.get().toString();
    try (Fd namespace = linux.namespaces().open(pin, NamespaceKind.NETWORK)) {
      return linux.network().connectToLoopback(Optional.of(namespace), port, TIMEOUT);
    }
  }
}
