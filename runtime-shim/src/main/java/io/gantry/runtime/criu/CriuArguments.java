package io.gantry.runtime.criu;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A command line of criu(8). Saving and restoring must agree in the names of what is outside of the
 * saved processes: mounts are called by their place in the container, the network namespace by a
 * name that runc uses too. Not thread-safe.
 */
public final class CriuArguments {
  public static final String DUMP_LOG = "dump.log";
  public static final String RESTORE_LOG = "restore.log";
  public static final String PID_FILE = "restored.pid";

  private static final String NETWORK = "extRootNetNS";

  private final List<String> words = new ArrayList<>();

  private CriuArguments(CriuSettings criu, String action, Path images, Path work, String log) {
    add(criu.program(), action);
    add("--images-dir", images.toString());
    add("--work-dir", work.toString());
    add("--log-file", log);
    // The cgroup is the container's own; gantry makes it anew, and puts what is restored there.
    add("--manage-cgroups=ignore");
    add("--file-locks");
    add("--ext-unix-sk");
    add("--link-remap");
    add("--force-irmap");
  }

  /** Saves a process and all its descendants. */
  public static CriuArguments dump(CriuSettings criu, int pid, Path images, Path work) {
    CriuArguments dump = new CriuArguments(criu, "dump", images, work, DUMP_LOG);
    dump.add("--tree", Integer.toString(pid));
    dump.add("--tcp-established");
    return dump;
  }

  /**
   * Restores what was saved, leaves it running and writes the first process's id to {@link
   * #PID_FILE} in {@code work}.
   *
   * @param root where the root filesystem is mounted
   */
  public static CriuArguments restore(CriuSettings criu, Path images, Path work, String root) {
    CriuArguments restore = new CriuArguments(criu, "restore", images, work, RESTORE_LOG);
    restore.add("--restore-detached");
    restore.add("--pidfile", PID_FILE);
    restore.add("--root", root);
    // The pod that it comes back to has another address: connections are over.
    restore.add("--tcp-close");
    return restore;
  }

  /** Lets the processes go on afterwards; else they are killed. */
  public CriuArguments leaveRunning() {
    return add("--leave-running");
  }

  /** The directory of the cgroup by which the processes are stopped, wherever they are. */
  public CriuArguments freezer(String directory) {
    return add("--freeze-cgroup", directory);
  }

  /** When saving: leaves out a mount of the container. */
  public CriuArguments externalMount(String target) {
    return mappedMount(target, target);
  }

  /** When restoring: says where what was left out is found. */
  public CriuArguments mappedMount(String target, String source) {
    return add("--external", "mnt[" + target + "]:" + source);
  }

  /** When saving: leaves out a file that was opened outside of the container. */
  public CriuArguments externalFile(String name) {
    return add("--external", name);
  }

  /** When saving: leaves out the network namespace of this inode number. */
  public CriuArguments externalNetwork(long inode) {
    return add("--external", "net[" + inode + "]:" + NETWORK);
  }

  /** When restoring: the network namespace to use, open as {@code descriptor}. */
  public CriuArguments network(int descriptor) {
    return inherit(descriptor, NETWORK);
  }

  /** When restoring: a descriptor that takes the place of what is called {@code name}. */
  public CriuArguments inherit(int descriptor, String name) {
    return add("--inherit-fd", "fd[" + descriptor + "]:" + name);
  }

  /**
   * When restoring: joins a namespace instead of making one.
   *
   * @param kind as below /proc/PID/ns
   */
  public CriuArguments join(String kind, String path) {
    return add("--join-ns", kind + ":" + path);
  }

  private CriuArguments add(String... more) {
    for (String word : more) {
      words.add(word);
    }
    return this;
  }

  public List<String> words() {
    return List.copyOf(words);
  }
}
