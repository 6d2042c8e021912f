package io.gantry.runtime.seccomp;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Every number of a system call, 0 to 2^32 - 1, in ranges with one decision each, and the binary
 * search over them. Neighbours with the same decision are one range, so a list of hundreds of calls
 * takes some six comparisons.
 */
final class CallRanges {
  private final List<Long> starts = new ArrayList<>();
  private final List<Decision> decisions = new ArrayList<>();

  /**
   * Lets {@code decision} hold from number {@code start} on; starts must come in ascending order.
   */
  void from(long start, Decision decision) {
    int last = starts.size() - 1;
    if (last >= 0 && starts.get(last) == start) {
      starts.remove(last);
      decisions.remove(last);
      last--;
    }
    if (last >= 0 && decisions.get(last).equals(decision)) {
      return;
    }
    starts.add(start);
    decisions.add(decision);
  }

  /** Adds code that finds the loaded number's decision, and returns where it begins. */
  int emit(Bpf bpf, boolean wide) {
    Map<Decision, Integer> places = new HashMap<>();
    for (Decision decision : decisions) {
      if (!decision.rules().isEmpty() && !places.containsKey(decision)) {
        places.put(decision, decision.emit(bpf, wide));
      }
    }
    return search(bpf, places, 0, starts.size());
  }

  private int search(Bpf bpf, Map<Decision, Integer> places, int from, int to) {
    if (to - from == 1) {
      Decision decision = decisions.get(from);
      Integer place = places.get(decision);
      return place != null ? place : bpf.returning(decision.fallback());
    }
    int middle = (from + to) >>> 1;
    int above = search(bpf, places, middle, to);
    int below = search(bpf, places, from, middle);
    return bpf.ifGreaterOrEqual((int) (long) starts.get(middle), above, below);
  }
}
