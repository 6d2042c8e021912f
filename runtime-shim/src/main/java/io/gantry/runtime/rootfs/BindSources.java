package io.gantry.runtime.rootfs;

import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileStatus;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.MountInfo;
import io.gantry.runtime.oci.OciMount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * Detached copies of what is to be bound into a container, taken in the host's mount namespace
 * before the container's is made: only such a copy belongs to the host's peer group, without which
 * shared and slave propagation lead nowhere (mount_namespaces(7)). Nothing else of the new
 * namespace can then reach the host.
 */
final class BindSources implements AutoCloseable {
  private final Linux linux;
  private final MountTrees trees;
  private final IdMaps maps;

  /** By identity: two mounts of a configuration may be equal, and records hash slowly at first. */
  private final Map<OciMount, Fd> copies = new IdentityHashMap<>();

  BindSources(Linux linux, MountTrees trees, IdMaps maps) {
    this.linux = linux;
    this.trees = trees;
    this.maps = maps;
  }

  void open(OciMount mount, MountOptions options, Path bundle) throws IOException {
    String source = mount.source().orElse("");
    if (source.isEmpty()) {
      throw new IOException("no source is given");
    }
    String path = bundle.resolve(source).toString();
    try {
      if (options.isShared()) {
        requireShared(path);
      }
      Fd copy = trees.copy(Fd.CWD, path, options.isRecursiveBind());
      copies.put(mount, copy);
      if (!mount.uidMappings().isEmpty() || !mount.gidMappings().isEmpty()) {
        Fd mapping = maps.carrying(mount.uidMappings(), mount.gidMappings());
        IdMaps.map(trees, copy, mapping, options.isRecursiveMapping(), path);
      }
    } catch (LinuxException e) {
      if (e.errno() == Errno.ENOENT) {
        throw new IOException("source " + path + " does not exist", e);
      }
      throw e;
    }
  }

  /** Without this the mounts made inside would silently never appear on the host. */
  private void requireShared(String path) throws IOException {
    FileStatus status = linux.files().stat(Fd.CWD, path, 0);
    for (MountInfo mount : linux.mounts().mountInfo()) {
      if (mount.id() == status.mountId()) {
        if (!mount.isShared()) {
          throw new IOException(
              "source " + path + " is on the mount " + mount.target() + ", which is not shared");
        }
        return;
      }
    }
  }

  /** Hands a copy over. */
  Fd take(OciMount mount) {
    return copies.remove(mount);
  }

  @Override
  public void close() {
    for (Fd copy : copies.values()) {
      copy.close();
    }
  }
}
