package io.gantry.cri.pod;

import io.gantry.runtime.launch.Launcher;
import io.gantry.runtime.launch.UserNamespaces;
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
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;

/**
 * A pod's user, network, IPC and UTS namespaces. Bind mounts keep them, so that a pod needs no
 * process: containers come and go in them.
 */
final class PinnedNamespaces implements PodPart {
  private final Linux linux;
  private final UserNamespaces userNamespaces;

  PinnedNamespaces(Linux linux, Launcher launcher) {
    this.linux = linux;
    this.userNamespaces = new UserNamespaces(linux, launcher);
  }

  @Override
  public String name() {
    return "namespaces";
  }

  @Override
  public Pod make(Pod pod) throws IOException {
    Optional<PodUsers> users = pod.users();
    if (users.isPresent()) {
      makeWithUsers(pod, users.get());
      return pod;
    }
    for (Map.Entry<NamespaceKind, Path> pin : pins(pod).entrySet()) {
      try (Fd namespace = linux.namespaces().create(pin.getKey())) {
        set(namespace, pin.getKey(), pin.getValue(), pod);
      }
    }
    return pod;
  }

  /** Who a namespace belongs to is settled when it begins, so the user namespace comes first. */
  private void makeWithUsers(Pod pod, PodUsers users) throws IOException {
    Map<NamespaceKind, Path> owned = pins(pod);
    try (UserNamespaces.Made made =
        userNamespaces.create(List.of(users.uids()), List.of(users.gids()), owned.keySet())) {
      try (Fd user = made.take(NamespaceKind.USER)) {
        linux.namespaces().pin(user, pod.paths().userNamespace().orElseThrow().toString());
      }
      for (Map.Entry<NamespaceKind, Path> pin : owned.entrySet()) {
        try (Fd namespace = made.take(pin.getKey())) {
          set(namespace, pin.getKey(), pin.getValue(), pod);
        }
      }
    }
  }

  private void set(Fd namespace, NamespaceKind kind, Path pin, Pod pod) throws IOException {
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

  @Override
  public void undo(Pod pod) throws IOException {
    for (Path pin : pins(pod).values()) {
      linux.namespaces().unpin(pin.toString());
    }
    // Also of a pod of which only the id is known.
    linux.namespaces().unpin(PodPaths.userPin(pod.paths().directory()).toString());
  }

  /** Whether all that the pod should have are there; a reboot takes them all. */
  boolean areThere(Pod pod) {
    try {
      if (pod.paths().userNamespace().isPresent()) {
        String pin = pod.paths().userNamespace().get().toString();
        linux.namespaces().open(pin, NamespaceKind.USER).close();
      }
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

  /** All but the user namespace, which no thread of ours can visit. */
  static Map<NamespaceKind, Path> pins(Pod pod) {
    Map<NamespaceKind, Path> pins = new TreeMap<>();
    pod.paths().networkNamespace().ifPresent(path -> pins.put(NamespaceKind.NETWORK, path));
    pod.paths().ipcNamespace().ifPresent(path -> pins.put(NamespaceKind.IPC, path));
    pod.paths().utsNamespace().ifPresent(path -> pins.put(NamespaceKind.UTS, path));
    return pins;
  }
}
