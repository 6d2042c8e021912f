package io.gantry.image.check;

/** Told of each thing that is not as it should be. */
public interface Findings {
  /**
   * @throws InterruptedException if nobody wants to hear more
   */
  void found(Finding finding) throws InterruptedException;
}
