package io.gantry.runtime.oci;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Immutable maps that keep the order in which a document named their entries. */
final class Ordered {
  private Ordered() {}

  static <V> Map<String, V> copyOf(Map<String, V> entries) {
    return Collections.unmodifiableMap(new LinkedHashMap<>(entries));
  }
}
