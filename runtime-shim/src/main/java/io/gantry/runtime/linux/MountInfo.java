package io.gantry.runtime.linux;

import java.util.List;

/**
 * One line of /proc/PID/mountinfo (proc_pid_mountinfo(5)); octal escapes are resolved.
 *
 * @param root the directory of the filesystem that is the mount's root
 * @param target where it is mounted, seen from the process's root
 * @param options per-mount options such as {@code ro,nosuid}
 * @param propagation optional fields such as {@code shared:3} or {@code master:1}
 * @param type the filesystem's type
 * @param source what the mount was made from
 * @param superOptions options of the filesystem itself
 */
public record MountInfo(
    int id,
    int parentId,
    DeviceNumber device,
    String root,
    String target,
    String options,
    List<String> propagation,
    String type,
    String source,
    String superOptions) {
  public MountInfo {
    propagation = List.copyOf(propagation);
  }

  /** Whether mounts made below it appear in its peers. */
  public boolean isShared() {
    return hasField("shared:");
  }

  /** Whether mounts made in its master appear here. */
  public boolean isSlave() {
    return hasField("master:");
  }

  private boolean hasField(String prefix) {
    for (String field : propagation) {
      if (field.startsWith(prefix)) {
        return true;
      }
    }
    return false;
  }
}
