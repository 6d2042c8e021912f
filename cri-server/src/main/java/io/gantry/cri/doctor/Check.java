package io.gantry.cri.doctor;

import java.util.List;

/** Looks at one thing. Never fails: what cannot be found out is a finding as well. */
interface Check {
  List<Finding> examine();
}
