package io.gantry.cri.cgroup;

import java.io.IOException;
import java.time.Duration;

/**
 * What has to be done besides writing cgroup files, so that the cgroups of pods and of what is in
 * them are there, keep their limits, and go. Paths start at the root of the cgroup tree.
 * Thread-safe; for one path the caller does one thing at a time.
 */
public interface CgroupDriver {
  /** Whether systemd is asked, which the kubelet has to know. */
  boolean isSystemd();

  /** The parent of pods that name none. */
  String defaultParent();

  /**
   * The cgroup of a pod, by what the kubelet calls it.
   *
   * @throws IllegalArgumentException says what is wrong with it
   */
  String ofPod(String asked);

  /**
   * The cgroup of a container, or of a pod's own process.
   *
   * @param pod the pod's cgroup
   */
  String member(String pod, String id);

  /**
   * Makes a cgroup so that a process can be launched into it, and keeps it until {@link #remove}.
   * Nothing stays behind when this fails.
   *
   * @param member what it is for
   */
  void make(String path, Member member) throws IOException;

  /** To be called when limits of a cgroup have been changed, so that nobody undoes the change. */
  void limitsChanged(String path) throws IOException;

  /**
   * Kills what is in a cgroup and removes it; does nothing if there is none. Whatever the driver,
   * this removes what any driver has made.
   */
  void remove(String path) throws IOException;

  /**
   * What a cgroup is for.
   *
   * @param words for people, one line
   * @param patience how long its processes may take to end when the machine is shut down; zero
   *     kills them at once
   */
  record Member(String words, Duration patience) {}
}
