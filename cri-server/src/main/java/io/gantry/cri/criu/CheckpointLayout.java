package io.gantry.cri.criu;

/**
 * The names that a container's checkpoint consists of, as checkpointctl reads them and CRI-O writes
 * them.
 */
public final class CheckpointLayout {
  /** Directory of what CRIU has saved. */
  public static final String IMAGES = "checkpoint";

  /** What the container's files differ in from its image: a layer, uncompressed. */
  public static final String CHANGES = "rootfs-diff.tar";

  /** What the container was made from, and when. */
  public static final String CONFIG = "config.dump";

  /** The container's OCI specification. */
  public static final String SPEC = "spec.dump";

  /** The container's status by the CRI. */
  public static final String STATUS = "status.dump";

  private CheckpointLayout() {}
}
