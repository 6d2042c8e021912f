package io.gantry.cri.cni;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A version of the CNI specification that gantry speaks.
 *
 * @param text as it stands in configurations
 */
record SpecVersion(String text) implements Comparable<SpecVersion> {
  /** In the order of their age. */
  private static final List<String> KNOWN =
      List.of("0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0");

  /** What a configuration without a version means (CNI specification, conventions for 0.1.0). */
  static final SpecVersion OLDEST = new SpecVersion("0.1.0");

  static final SpecVersion V0_4_0 = new SpecVersion("0.4.0");
  static final SpecVersion V1_1_0 = new SpecVersion("1.1.0");

  SpecVersion {
    if (!KNOWN.contains(text)) {
      throw new IllegalArgumentException("unknown CNI version " + text);
    }
  }

  /** The newest of these versions that gantry speaks. */
  static Optional<SpecVersion> newest(List<String> versions) {
    return versions.stream()
        .filter(KNOWN::contains)
        .map(SpecVersion::new)
        .max(Comparator.naturalOrder());
  }

  boolean isAtLeast(SpecVersion other) {
    return compareTo(other) >= 0;
  }

  @Override
  public int compareTo(SpecVersion other) {
    return Integer.compare(KNOWN.indexOf(text), KNOWN.indexOf(other.text));
  }

  @Override
  public String toString() {
    return text;
  }
}
