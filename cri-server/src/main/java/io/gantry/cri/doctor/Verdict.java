package io.gantry.cri.doctor;

/** How good a finding is. */
public enum Verdict {
  /** All that gantry needs. */
  FINE,
  /** gantry works, but less well, or with something left out. */
  ADVICE,
  /** Pods will not run. */
  MISSING
}
