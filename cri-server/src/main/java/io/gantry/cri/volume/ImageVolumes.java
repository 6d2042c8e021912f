package io.gantry.cri.volume;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.image.ImageRecord;
import io.gantry.image.Images;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.ImageSpec;
import io.gantry.proto.cri.v1.Mount;
import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.MountFlags;
import io.gantry.runtime.linux.NamespaceKind;
import io.gantry.runtime.rootfs.ReadOnlyImage;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Images as volumes (KEP-4639). While a container is made, each of its images is mounted on the
 * host, read-only, for the shim to take a copy of the mount; then the host's goes. The layers stay
 * with the container, whatever becomes of the image. Thread-safe for different containers.
 */
public final class ImageVolumes {
  /** The kubelet knows this error by its first word. */
  private static final String MOUNT_FAILED = "ImageVolumeMountFailed: ";

  private static final char SEPARATOR = '.';

  private final Images images;
  private final Linux linux;
  private final Path directory;

  /**
   * @param directory for the mounts; in the state directory
   */
  public ImageVolumes(Images images, Linux linux, Path directory) {
    this.images = images;
    this.linux = linux;
    this.directory = directory;
  }

  /** Whether a container has volumes of this kind. */
  public static boolean has(ContainerConfig config) {
    return config.getMountsList().stream().anyMatch(ImageVolumes::isImage);
  }

  private static boolean isImage(Mount mount) {
    return mount.hasImage() && !mount.getImage().getImage().isEmpty();
  }

  /** The container that a snapshot's key belongs to: its own is its id, volumes have more. */
  public static String container(String snapshotKey) {
    int end = snapshotKey.indexOf(SEPARATOR);
    return end < 0 ? snapshotKey : snapshotKey.substring(0, end);
  }

  private static String key(String containerId, int index) {
    return containerId + SEPARATOR + index;
  }

  /**
   * The configuration with what is mounted named in it, as a container's status tells it.
   *
   * @throws CriException if a volume of this kind is asked for in a wrong way, or its image is not
   *     here
   */
  public ContainerConfig resolve(ContainerConfig config) {
    ContainerConfig.Builder resolved = config.toBuilder();
    for (int i = 0; i < config.getMountsCount(); i++) {
      Mount mount = config.getMounts(i);
      if (isImage(mount)) {
        check(mount);
        ImageRecord image = find(mount);
        ImageSpec spec = mount.getImage().toBuilder().setImageRef(image.id().toString()).build();
        resolved.setMounts(i, mount.toBuilder().setImage(spec));
      }
    }
    return resolved.build();
  }

  private static void check(Mount mount) {
    if (!mount.getHostPath().isEmpty()) {
      throw CriException.invalid(
          words(mount) + "a host path is given, too: " + mount.getHostPath());
    }
    if (!mount.getReadonly()) {
      throw CriException.invalid(words(mount) + "images can be mounted read-only only");
    }
  }

  private static String words(Mount mount) {
    return MOUNT_FAILED
        + "mount image "
        + mount.getImage().getImage()
        + " at "
        + mount.getContainerPath()
        + ": ";
  }

  private ImageRecord find(Mount mount) {
    return images
        .find(mount.getImage().getImage())
        .orElseThrow(
            () -> CriException.notFound(words(mount) + "the image is not here: pull it first"));
  }

  /**
   * Mounts the images that a container asks for.
   *
   * @param users where the user namespace is pinned whose mapping files are to be shown by
   * @return the configuration with binds of these mounts in the place of images
   * @throws CriException if a sub-path is not there
   * @throws IOException if an image cannot be mounted; {@link #unmount} and {@link #release} clear
   *     up
   */
  public ContainerConfig mount(String containerId, ContainerConfig config, Optional<Path> users)
      throws IOException {
    ContainerConfig.Builder mounted = config.toBuilder();
    for (int i = 0; i < config.getMountsCount(); i++) {
      Mount mount = config.getMounts(i);
      if (isImage(mount)) {
        Path place = mount(containerId, i, mount, users);
        mounted.setMounts(
            i,
            mount.toBuilder()
                .clearImage()
                .clearImageSubPath()
                .clearUidMappings()
                .clearGidMappings()
                .setHostPath(place.toString()));
      }
    }
    return mounted.build();
  }

  private Path mount(String containerId, int index, Mount mount, Optional<Path> users)
      throws IOException {
    List<Path> layers = images.snapshots().view(key(containerId, index), find(mount).topChainId());
    Path own = Files.createDirectories(directory.resolve(containerId).resolve("" + index));
    Path work = Files.createDirectory(own.resolve("work"));
    try (Fd tree = tree(layers, mount, work, users)) {
      Path place = own.resolve("volume");
      if (linux.files().stat(tree).isDirectory()) {
        Files.createDirectory(place);
      } else {
        Files.createFile(place);
      }
      ReadOnlyImage.attach(linux, tree, place);
      return place;
    }
  }

  private Fd tree(List<Path> layers, Mount mount, Path work, Optional<Path> users)
      throws IOException {
    String path = "/" + mount.getImageSubPath();
    if (users.isEmpty()) {
      return tree(layers, mount, path, work, Optional.empty());
    }
    try (Fd mapping = linux.namespaces().open(users.get().toString(), NamespaceKind.USER)) {
      return tree(layers, mount, path, work, Optional.of(mapping));
    }
  }

  private Fd tree(List<Path> layers, Mount mount, String path, Path work, Optional<Fd> users)
      throws IOException {
    try {
      return ReadOnlyImage.mount(linux, layers, path, work, users);
    } catch (LinuxException e) {
      if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR || e.errno() == Errno.ELOOP) {
        throw new CriException(
            Failure.INVALID_REQUEST,
            words(mount) + "the image has no \"" + mount.getImageSubPath() + "\"",
            e);
      }
      throw e;
    } catch (IOException e) {
      throw new IOException(words(mount) + e.getMessage(), e);
    }
  }

  /** Takes the host's mounts away again; a container that has its own keeps them. */
  public void unmount(String containerId) throws IOException {
    Path own = directory.resolve(containerId);
    for (Path index : entries(own)) {
      detach(index.resolve("volume").toString());
      for (Path entry : entries(index)) {
        Files.deleteIfExists(entry);
      }
      Files.deleteIfExists(index);
    }
    Files.deleteIfExists(own);
  }

  private void detach(String place) throws LinuxException {
    try {
      linux.mounts().unmount(place, MountFlags.MNT_DETACH | MountFlags.UMOUNT_NOFOLLOW);
    } catch (LinuxException e) {
      // EINVAL: nothing is mounted there.
      if (e.errno() != Errno.EINVAL && e.errno() != Errno.ENOENT) {
        throw e;
      }
    }
  }

  private static List<Path> entries(Path directory) throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      stream.forEach(found::add);
    } catch (NoSuchFileException none) {
      return List.of();
    }
    return found;
  }

  /** Lets go of the layers, once the container is gone. */
  public void release(String containerId, ContainerConfig config) throws IOException {
    for (int i = 0; i < config.getMountsCount(); i++) {
      if (isImage(config.getMounts(i))) {
        images.snapshots().remove(key(containerId, i));
      }
    }
  }

  /** Takes away what a daemon left that died while it made containers. */
  public void recover() throws IOException {
    for (Path left : entries(directory)) {
      unmount(left.getFileName().toString());
    }
  }
}
