package io.gantry.image.check;

import io.gantry.image.failure.ImageException;
import io.gantry.image.tree.LayerTree;
import io.gantry.image.tree.MergedTree;
import java.io.IOException;
import java.util.Optional;

/**
 * Holds a layer's directory against its archive, which is unpacked anew, but into memory: so a
 * layer is right if unpacking its blob again would make the same.
 */
public final class LayerVerifier {

  /** Unpacks the layer's archive. */
  public interface Unpacking {
    /**
     * @param layer empty
     * @param lower the layers below
     */
    void into(LayerTree layer, MergedTree lower) throws IOException;
  }

  /**
   * What was found.
   *
   * @param flaw in words; nothing if the layer is as it should be
   * @param bytes how much content was read
   */
  public record Verdict(Optional<String> flaw, long bytes) {}

  private LayerVerifier() {}

  /**
   * @throws ImageException if the archive itself cannot be unpacked
   */
  public static Verdict verify(LayerTree layer, MergedTree lower, Unpacking unpacking)
      throws IOException {
    ExpectedTree expected = new ExpectedTree();
    unpacking.into(expected, lower);
    TreeComparison comparison = new TreeComparison(expected, layer);
    Optional<String> flaw = comparison.difference();
    return new Verdict(flaw, comparison.bytes());
  }
}
