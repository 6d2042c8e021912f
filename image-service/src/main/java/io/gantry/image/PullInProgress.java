package io.gantry.image;

import io.gantry.image.manifest.Descriptor;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** A pull that can be watched. Thread-safe. */
public final class PullInProgress {

  /** How a layer stands. */
  public enum Phase {
    WAITING,
    DOWNLOADING,
    UNPACKING,
    UNPACKED,
    ALREADY_THERE
  }

  /** How one layer stands now. */
  public record LayerState(Descriptor blob, Phase phase, long currentBytes) {}

  private final CompletableFuture<ImageRecord> result;
  private final PullOutline outline;
  private final Supplier<List<LayerState>> states;

  PullInProgress(
      CompletableFuture<ImageRecord> result,
      PullOutline outline,
      Supplier<List<LayerState>> states) {
    this.result = result;
    this.outline = outline;
    this.states = states;
  }

  /** Completes as that of {@link Images#pull}; cancelling it leaves the pull. */
  public CompletableFuture<ImageRecord> result() {
    return result;
  }

  /** How each layer stands now, bottom first; none as long as they are not known. */
  public List<LayerState> layers() {
    return states.get();
  }

  /** Once it has ended: whether the image was here before, as the registry has it. */
  public boolean wasCurrent() {
    return outline.wasCurrent();
  }
}
