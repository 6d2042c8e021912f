package io.gantry.cri.pod;

import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.NamespaceKind;
import io.gantry.runtime.linux.Namespaces;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;

/**
 * A pod's network, IPC and UTS namespaces. Bind mounts keep them, so that a pod needs no process:
 * containers come and go in them.
 */
final class PinnedNamespaces implements PodPart {
  private final Linux linux;

  PinnedNamespaces(Linux linux) {
    this.linux = linux;
  }

  @Override
  public String name() {
    return "namespaces";
  }

  @Override
  public Pod make(Pod pod) throws IOException {
    for (Map.Entry<NamespaceKind, Path> pin : pins(pod).entrySet()) {
      make(pin.getKey(), pin.getValue(), pod);
    }
    return pod;
  }

  private void make(NamespaceKind kind, Path pin, Pod pod) throws IOException {
    try (Fd namespace = linux.namespaces().create(kind)) {
      linux.namespaces().pin(namespace, pin.toString());
      if (kind == NamespaceKind.NETWORK) {
        linux.network().bringLoopbackUp(namespace);
      }
      if (kind == NamespaceKind.UTS) {
        linux
            .namespaces()
            .visit(
                Set.of(new Namespaces.Visit(namespace, kind)),
                () -> {
                  linux.namespaces().setHostname(pod.hostname());
                  return pod;
                });
      }
    }
  }

  @Override
  public void undo(Pod pod) throws IOException {
    for (Path pin : pins(pod).values()) {
      linux.namespaces().unpin(pin.toString());
    }
  }

  /** Whether all that the pod should have are there; a reboot takes them all. */
  boolean areThere(Pod pod) {
    try {
      visit(pod, () -> pod);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Does work on a thread inside the pod's own namespaces; of a kind the pod has not, the thread is
   * in the host's.
   */
  <T> T visit(Pod pod, Callable<T> work) throws IOException {
    List<Fd> opened = new ArrayList<>();
    try {
      Set<Namespaces.Visit> visits = new HashSet<>();
      for (Map.Entry<NamespaceKind, Path> pin : pins(pod).entrySet()) {
        Fd namespace = linux.namespaces().open(pin.getValue().toString(), pin.getKey());
        opened.add(namespace);
        visits.add(new Namespaces.Visit(namespace, pin.getKey()));
      }
      return linux.namespaces().visit(visits, work);
    } finally {
      opened.forEach(Fd::close);
    }
  }

  static Map<NamespaceKind, Path> pins(Pod pod) {
    Map<NamespaceKind, Path> pins = new TreeMap<>();
    pod.paths().networkNamespace().ifPresent(path -> pins.put(NamespaceKind.NETWORK, path));
    pod.paths().ipcNamespace().ifPresent(path -> pins.put(NamespaceKind.IPC, path));
    pod.paths().utsNamespace().ifPresent(path -> pins.put(NamespaceKind.UTS, path));
    return pins;
  }
}
