package io.gantry.cri.layers;

import io.gantry.image.tree.LayerTree;
import io.gantry.image.tree.MergedTree;
import io.gantry.image.tree.Metadata;
import io.gantry.image.tree.Node;
import io.gantry.image.tree.Timestamp;
import io.gantry.runtime.linux.DeviceNumber;
import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.FileStatus;
import io.gantry.runtime.linux.FileTime;
import io.gantry.runtime.linux.Files;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.OpenHow;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One layer's directory. Every path is opened from the layer's root by openat2(2) without links,
 * and acts use the parent's descriptor and one name, so that neither a link in the layer nor one
 * put there meanwhile can lead elsewhere.
 */
final class LinuxLayerTree implements LayerTree {

  private static final int NO_LINKS =
      OpenHow.RESOLVE_BENEATH | OpenHow.RESOLVE_NO_SYMLINKS | OpenHow.RESOLVE_NO_MAGICLINKS;

  private final Files files;
  private final Fd root;
  // The parent used last: members of an archive mostly come directory by directory.
  private String parentPath = "";
  private Fd parent;

  LinuxLayerTree(Files files, Fd root) {
    this.files = files;
    this.root = root;
    this.parent = root;
  }

  @Override
  public Optional<Node> find(String path) throws IOException {
    try {
      return Optional.of(node(status(path)));
    } catch (LinuxException e) {
      if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private FileStatus status(String path) throws IOException {
    return path.isEmpty()
        ? files.stat(root)
        : files.stat(parentOf(path), nameOf(path), FileFlags.AT_SYMLINK_NOFOLLOW);
  }

  private static Node node(FileStatus status) throws IOException {
    DeviceNumber device = status.special();
    Timestamp modified = new Timestamp(status.modified().seconds(), status.modified().nanos());
    return new Node(
        kind(status.mode() & FileFlags.S_IFMT),
        status.uid(),
        status.gid(),
        status.permissions(),
        status.sizeBytes(),
        modified,
        device.major(),
        device.minor(),
        shared(status));
  }

  private static Optional<Node.FileId> shared(FileStatus status) {
    if (!status.isRegular() || status.links() < 2) {
      return Optional.empty();
    }
    DeviceNumber device = status.device();
    long number = (long) device.major() << Integer.SIZE | device.minor();
    return Optional.of(new Node.FileId(number, status.inode()));
  }

  private static Node.Kind kind(int format) throws IOException {
    return switch (format) {
      case FileFlags.S_IFREG -> Node.Kind.REGULAR;
      case FileFlags.S_IFDIR -> Node.Kind.DIRECTORY;
      case FileFlags.S_IFLNK -> Node.Kind.SYMBOLIC_LINK;
      case FileFlags.S_IFCHR -> Node.Kind.CHARACTER_DEVICE;
      case FileFlags.S_IFBLK -> Node.Kind.BLOCK_DEVICE;
      case FileFlags.S_IFIFO -> Node.Kind.FIFO;
      case FileFlags.S_IFSOCK -> Node.Kind.SOCKET;
      default ->
          throw new IOException("a file of an unknown kind: " + Integer.toOctalString(format));
    };
  }

  @Override
  public List<String> names(String path) throws IOException {
    try (Fd directory = open(path, FileFlags.O_RDONLY | FileFlags.O_DIRECTORY)) {
      List<String> names = new ArrayList<>();
      files.list(directory).forEach(name -> names.add(ByteText.fromNative(name)));
      return names;
    }
  }

  @Override
  public String readLink(String path) throws IOException {
    return ByteText.fromNative(files.readlinkat(parentOf(path), nameOf(path)));
  }

  @Override
  public InputStream read(String path) throws IOException {
    // A FIFO put in the file's place would otherwise block the opener.
    Fd file = open(path, FileFlags.O_RDONLY | FileFlags.O_NONBLOCK);
    return new LinuxFileInput(files, file);
  }

  @Override
  public Map<String, byte[]> attributes(String path) throws IOException {
    Map<String, byte[]> attributes = new LinkedHashMap<>();
    Fd holder = path.isEmpty() ? root : parentOf(path);
    String name = path.isEmpty() ? "" : nameOf(path);
    try {
      for (String attribute : files.listxattr(holder, name)) {
        attributes.put(ByteText.fromNative(attribute), files.getxattr(holder, name, attribute));
      }
    } catch (LinuxException e) {
      if (e.errno() != Errno.EOPNOTSUPP && e.errno() != Errno.ENODATA) {
        throw e;
      }
    }
    return attributes;
  }

  @Override
  public void makeDirectory(String path) throws IOException {
    files.mkdirat(parentOf(path), nameOf(path), 0700);
  }

  @Override
  public NewFile makeFile(String path) throws IOException {
    int flags =
        FileFlags.O_WRONLY
            | FileFlags.O_APPEND
            | FileFlags.O_CREAT
            | FileFlags.O_EXCL
            | FileFlags.O_NOFOLLOW;
    return new LinuxNewFile(files, files.open(parentOf(path), nameOf(path), flags, 0600), path);
  }

  @Override
  public void makeSymbolicLink(String path, String target) throws IOException {
    files.symlinkat(ByteText.toNative(target), parentOf(path), nameOf(path));
  }

  @Override
  public void makeSpecial(String path, Node.Kind kind, long major, long minor) throws IOException {
    int format =
        switch (kind) {
          case CHARACTER_DEVICE -> FileFlags.S_IFCHR;
          case BLOCK_DEVICE -> FileFlags.S_IFBLK;
          case FIFO -> FileFlags.S_IFIFO;
          case REGULAR, DIRECTORY, SYMBOLIC_LINK, SOCKET ->
              throw new IllegalArgumentException(kind + " is not a special file");
        };
    files.mknodat(parentOf(path), nameOf(path), format | 0600, device(major, minor));
  }

  private static DeviceNumber device(long major, long minor) throws IOException {
    if (major < 0 || major > 0xfff || minor < 0 || minor > 0xfffff) {
      throw new IOException("device number " + major + ":" + minor + " does not exist on Linux");
    }
    return new DeviceNumber((int) major, (int) minor);
  }

  @Override
  public void link(String existing, String path) throws IOException {
    // The parent of one may be forgotten for that of the other, so one is opened apart.
    try (Fd from = openParent(existing)) {
      files.linkat(from, nameOf(existing), parentOf(path), nameOf(path), 0);
    }
  }

  @Override
  public void setMetadata(String path, Metadata metadata) throws IOException {
    FileStatus status = status(path);
    Fd holder = path.isEmpty() ? root : parentOf(path);
    String name = path.isEmpty() ? "" : nameOf(path);
    int flags = path.isEmpty() ? FileFlags.AT_EMPTY_PATH : FileFlags.AT_SYMLINK_NOFOLLOW;
    // In this order: a change of owner takes away setuid bits and capabilities.
    files.fchownat(holder, name, metadata.uid(), metadata.gid(), flags);
    if (path.isEmpty()) {
      files.fchmod(root, metadata.permissions());
    } else if (!status.isSymbolicLink()) {
      files.fchmodat(holder, name, metadata.permissions());
    }
    for (Map.Entry<String, byte[]> attribute : metadata.attributes().entrySet()) {
      LayerAttributes.set(files, holder, name, attribute.getKey(), attribute.getValue());
    }
    setTime(path, metadata.modified());
  }

  @Override
  public void setTime(String path, Timestamp time) throws IOException {
    FileTime modified = new FileTime(time.seconds(), time.nanos());
    if (path.isEmpty()) {
      files.utimensat(root, "", modified, modified, FileFlags.AT_EMPTY_PATH);
    } else {
      files.utimensat(
          parentOf(path), nameOf(path), modified, modified, FileFlags.AT_SYMLINK_NOFOLLOW);
    }
  }

  @Override
  public void setAttribute(String path, String name, byte[] value) throws IOException {
    files.setxattr(
        path.isEmpty() ? root : parentOf(path),
        path.isEmpty() ? "" : nameOf(path),
        ByteText.toNative(name),
        value,
        0);
  }

  @Override
  public void remove(String path) throws IOException {
    Fd holder;
    try {
      holder = parentOf(path);
    } catch (LinuxException e) {
      if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
        return;
      }
      throw e;
    }
    new TreeDeletion(files).delete(holder, nameOf(path));
    if (parentPath.equals(path) || parentPath.startsWith(path + "/")) {
      forgetParent();
    }
  }

  @Override
  public void sync() throws IOException {
    files.syncfs(root);
  }

  @Override
  public void close() {
    forgetParent();
    root.close();
  }

  private Fd open(String path, int flags) throws IOException {
    // openat2(2) does not take an empty path.
    return files.openat2(
        root,
        path.isEmpty() ? "." : ByteText.toNative(path),
        new OpenHow(flags | FileFlags.O_NOFOLLOW, 0, NO_LINKS));
  }

  private Fd openParent(String path) throws IOException {
    return open(MergedTree.parentOf(path), FileFlags.O_PATH | FileFlags.O_DIRECTORY);
  }

  private Fd parentOf(String path) throws IOException {
    String wanted = MergedTree.parentOf(path);
    if (!wanted.equals(parentPath)) {
      Fd opened = openParent(path);
      forgetParent();
      parent = opened;
      parentPath = wanted;
    }
    return parent;
  }

  private void forgetParent() {
    if (parent != root) {
      parent.close();
    }
    parent = root;
    parentPath = "";
  }

  private static String nameOf(String path) {
    return ByteText.toNative(path.substring(path.lastIndexOf('/') + 1));
  }
}
