package io.gantry.image.check;

/**
 * How much was looked at.
 *
 * @param checked blobs, layers and records
 * @param bad those that were not as they should be
 * @param repaired those of the bad ones that are now
 * @param bytes of content that was read
 */
public record CheckSummary(long checked, long bad, long repaired, long bytes) {

  /** Whether everything is as it should be now. */
  public boolean isSound() {
    return bad == repaired;
  }
}
