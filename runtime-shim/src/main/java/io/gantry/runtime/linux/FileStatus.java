package io.gantry.runtime.linux;

/**
 * What statx(2) tells of a file.
 *
 * @param mode kind and permission bits, see {@link FileFlags#S_IFMT}
 * @param links number of hard links
 * @param sizeBytes length; of a symbolic link, that of its target
 * @param blocks allocated blocks of 512 bytes
 * @param device what the file lives on, as {@link DeviceNumber}
 * @param special what a device file stands for; 0:0 for other files
 * @param mountId the mount's id as in /proc/self/mountinfo; 0 where the kernel does not tell
 *     (before 5.8)
 * @param mountRoot whether the file is the root of a mount; false where the kernel does not tell
 *     (before 5.8)
 */
public record FileStatus(
    int mode,
    long inode,
    int links,
    int uid,
    int gid,
    long sizeBytes,
    long blocks,
    FileTime accessed,
    FileTime modified,
    FileTime changed,
    DeviceNumber device,
    DeviceNumber special,
    long mountId,
    boolean mountRoot) {

  public boolean isDirectory() {
    return (mode & FileFlags.S_IFMT) == FileFlags.S_IFDIR;
  }

  public boolean isSymbolicLink() {
    return (mode & FileFlags.S_IFMT) == FileFlags.S_IFLNK;
  }

  public boolean isRegular() {
    return (mode & FileFlags.S_IFMT) == FileFlags.S_IFREG;
  }

  /** The permission bits with setuid, setgid and sticky: 07777 of the mode. */
  public int permissions() {
    return mode & 07777;
  }
}
