package io.gantry.image.unpack;

/**
 * How much a layer may ask for.
 *
 * @param entries members of the archive, headers of their own included
 * @param bytes length of the uncompressed archive
 * @param freeBytes how long the uncompressed archive may be however small the compressed one is
 * @param expansion beyond {@code freeBytes}, how many times longer than the compressed one it may
 *     be; honest layers stay below 30, and gzip can reach 1000
 * @param pathBytes length of a path
 */
public record UnpackLimits(
    long entries, long bytes, long freeBytes, long expansion, int pathBytes) {

  public static final UnpackLimits DEFAULT =
      new UnpackLimits(4_000_000, 1L << 40, 1L << 30, 200, 4096);
}
