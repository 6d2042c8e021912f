package io.gantry.runtime.linux;

/**
 * Project quotas of ext4 and XFS (quotactl(2), PRJQUOTA): what all files of a project take together
 * is counted, and may be limited. Files belong to the project of the directory that they are made
 * in. Needs Linux 5.14 and a file system mounted with {@code prjquota}. Thread-safe.
 */
public interface ProjectQuotas {

  /**
   * What a project takes.
   *
   * @param limitBytes the most it may take; 0 for any amount
   */
  record Usage(long bytes, long inodes, long limitBytes) {}

  /** The running kernel's. Not a part of {@link Linux}, since shims have no use for it. */
  static ProjectQuotas ofThisKernel() {
    return new NativeProjectQuotas(new Kernel());
  }

  /**
   * The project that files made in a directory will belong to; 0 for none.
   *
   * @throws LinuxException ENOTTY or EOPNOTSUPP if the file system knows no projects
   */
  long projectOf(Fd directory) throws LinuxException;

  /** Makes an empty directory, and all that will be made in it, a part of a project. */
  void setProject(Fd directory, long project) throws LinuxException;

  /**
   * What a project takes now.
   *
   * @param file any of the file system
   * @throws LinuxException ENOSYS before Linux 5.14; ESRCH if the file system is not mounted with
   *     quotas for projects
   */
  Usage usage(Fd file, long project) throws LinuxException;

  /**
   * Limits what a project may take.
   *
   * @param file any of the file system
   * @param bytes rounded up to whole KiB; 0 for any amount
   */
  void limit(Fd file, long project, long bytes) throws LinuxException;
}
