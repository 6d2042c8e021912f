package io.gantry.runtime.rootfs;

import io.gantry.runtime.launch.Launcher;
import io.gantry.runtime.launch.UserNamespaces;
import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.IdRange;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.NamespaceKind;
import io.gantry.runtime.oci.OciIdMapping;
import io.gantry.runtime.oci.OciLinux;
import io.gantry.runtime.oci.OciNamespace;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;

/**
 * The user namespaces of one container: its own, with the network, IPC and UTS namespaces that
 * begin with it, and others that only carry the id mapping of a mount. What was not handed over is
 * closed with this.
 */
final class IdMaps implements AutoCloseable {
  private final Linux linux;
  private final Launcher launcher;
  private final Optional<UserMapping> mapping;
  private Fd own;
  private UserNamespaces.Made made;

  /** Pairs by place: a mapping and the namespace that carries it. */
  private final List<UserMapping> mountMappings = new ArrayList<>();

  private final List<Fd> mountNamespaces = new ArrayList<>();

  private IdMaps(Linux linux, Launcher launcher, Optional<UserMapping> mapping) {
    this.linux = linux;
    this.launcher = launcher;
    this.mapping = mapping;
  }

  /** For mounts that no mapping is asked for. */
  static IdMaps none(Linux linux) {
    return new IdMaps(linux, null, Optional.empty());
  }

  /** Opens or makes the user namespace of a configuration, if it has one. */
  static IdMaps open(Linux linux, Launcher launcher, OciLinux wanted) throws IOException {
    IdMaps maps = new IdMaps(linux, launcher, UserMapping.of(wanted));
    Optional<OciNamespace> user = wanted.namespace(OciNamespace.Type.USER);
    if (user.isEmpty()) {
      return maps;
    }
    try {
      EnumSet<NamespaceKind> fresh = EnumSet.noneOf(NamespaceKind.class);
      addFresh(fresh, wanted, OciNamespace.Type.NETWORK, NamespaceKind.NETWORK);
      addFresh(fresh, wanted, OciNamespace.Type.IPC, NamespaceKind.IPC);
      addFresh(fresh, wanted, OciNamespace.Type.UTS, NamespaceKind.UTS);
      UserNamespaces namespaces = new UserNamespaces(linux, launcher);
      if (user.get().path().isPresent()) {
        maps.own = linux.namespaces().open(user.get().path().get(), NamespaceKind.USER);
        if (!fresh.isEmpty()) {
          maps.made = namespaces.createIn(maps.own, fresh);
        }
      } else {
        UserMapping mapping = maps.mapping.get();
        maps.made = namespaces.create(mapping.uids(), mapping.gids(), fresh);
        maps.own = maps.made.take(NamespaceKind.USER);
      }
      return maps;
    } catch (IOException e) {
      maps.close();
      throw e;
    }
  }

  private static void addFresh(
      EnumSet<NamespaceKind> fresh, OciLinux wanted, OciNamespace.Type type, NamespaceKind kind) {
    Optional<OciNamespace> namespace = wanted.namespace(type);
    if (namespace.isPresent() && namespace.get().path().isEmpty()) {
      fresh.add(kind);
    }
  }

  /** The container's mapping; empty if it shares the host's user namespace. */
  Optional<UserMapping> mapping() {
    return mapping;
  }

  /** The container's user namespace, which stays this object's; {@code null} if it has none. */
  Fd own() {
    return own;
  }

  /** Hands the container's user namespace over. */
  Fd takeOwn() {
    Fd taken = own;
    own = null;
    return taken;
  }

  /** Hands a namespace over that was made to belong to the container's user namespace. */
  Fd takeFresh(NamespaceKind kind) {
    return made.take(kind);
  }

  /** The namespace that carries a mapping, made if there is none yet; stays this object's. */
  Fd carrying(List<OciIdMapping> uids, List<OciIdMapping> gids) throws IOException {
    UserMapping wanted = new UserMapping(UserMapping.ranges(uids), UserMapping.ranges(gids));
    if (own != null && same(wanted, mapping.get())) {
      return own;
    }
    for (int i = 0; i < mountMappings.size(); i++) {
      if (same(wanted, mountMappings.get(i))) {
        return mountNamespaces.get(i);
      }
    }
    try (UserNamespaces.Made carrier =
        new UserNamespaces(linux, launcher)
            .create(wanted.uids(), wanted.gids(), EnumSet.noneOf(NamespaceKind.class))) {
      Fd namespace = carrier.take(NamespaceKind.USER);
      mountMappings.add(wanted);
      mountNamespaces.add(namespace);
      return namespace;
    }
  }

  /** By their texts: records compare slowly the first time in a process. */
  private static boolean same(UserMapping a, UserMapping b) {
    return IdRange.mapText(a.uids()).equals(IdRange.mapText(b.uids()))
        && IdRange.mapText(a.gids()).equals(IdRange.mapText(b.gids()));
  }

  /**
   * Gives a detached mount a mapping.
   *
   * @param what the mount, for the error
   */
  static void map(MountTrees trees, Fd tree, Fd namespace, boolean recursive, String what)
      throws IOException {
    try {
      trees.map(tree, namespace, recursive);
    } catch (LinuxException e) {
      // EINVAL is the kernel's answer for filesystems without support for it (mount_setattr(2)).
      String hint =
          e.errno() == Errno.EINVAL
              ? "its filesystem does not support id-mapped mounts on this kernel"
              : e.errno() == Errno.ENOSYS ? "id-mapped mounts need kernel 5.12" : e.getMessage();
      throw new IOException("map the ids of " + what + ": " + hint, e);
    }
  }

  @Override
  public void close() {
    if (own != null) {
      own.close();
    }
    if (made != null) {
      made.close();
    }
    for (Fd namespace : mountNamespaces) {
      namespace.close();
    }
  }
}
