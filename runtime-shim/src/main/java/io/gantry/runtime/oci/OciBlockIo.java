package io.gantry.runtime.oci;

import java.util.List;
import java.util.OptionalInt;

/**
 * Disk limits.
 *
 * @param weight 10 to 1000
 */
public record OciBlockIo(
    OptionalInt weight,
    OptionalInt leafWeight,
    List<Weight> weightDevices,
    List<Throttle> readBytesPerSecond,
    List<Throttle> writeBytesPerSecond,
    List<Throttle> readOperationsPerSecond,
    List<Throttle> writeOperationsPerSecond) {

  public static final OciBlockIo NONE =
      new OciBlockIo(
          OptionalInt.empty(),
          OptionalInt.empty(),
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          List.of());

  public OciBlockIo {
    weightDevices = List.copyOf(weightDevices);
    readBytesPerSecond = List.copyOf(readBytesPerSecond);
    writeBytesPerSecond = List.copyOf(writeBytesPerSecond);
    readOperationsPerSecond = List.copyOf(readOperationsPerSecond);
    writeOperationsPerSecond = List.copyOf(writeOperationsPerSecond);
  }

  /** Weight for one disk. */
  public record Weight(long major, long minor, OptionalInt weight, OptionalInt leafWeight) {}

  /** Highest rate for one disk; zero lifts the limit. */
  public record Throttle(long major, long minor, long rate) {}
}
