package io.gantry.cri.networks;

import java.util.Collection;
import java.util.stream.IntStream;

/** The names of interfaces in pods: eth0, eth1 … */
final class Interfaces {
  static final String PREFIX = "eth";

  private Interfaces() {}

  /** The first that is free. */
  static String free(Collection<String> taken) {
    return IntStream.iterate(0, number -> number + 1)
        .mapToObj(number -> PREFIX + number)
        .filter(name -> !taken.contains(name))
        .findFirst()
        .orElseThrow();
  }
}
