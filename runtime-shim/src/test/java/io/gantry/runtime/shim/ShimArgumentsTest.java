package io.gantry.runtime.shim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class ShimArgumentsTest {
  @Test
  void parse_readsFlagsInEveryStyleOfGo() {
    ShimArguments arguments =
        ShimArguments.parse("-namespace", "k8s.io", "--id=c1", "-debug", "-address=", "start");
    assertEquals("k8s.io", arguments.required("namespace"));
    assertEquals("c1", arguments.required("id"));
    assertTrue(arguments.isOn("debug"));
    assertFalse(arguments.isOn("v"));
    assertEquals("", arguments.flag("address"));
    assertEquals("start", arguments.action());
  }

  @Test
  void parse_withoutActionMeansToServe() {
    assertEquals("", ShimArguments.parse("-id", "x").action());
  }

  @Test
  void parse_leavesWhatFollowsTheActionAlone() {
    assertEquals(List.of("plan", "-x"), ShimArguments.parse("plan", "-x").words());
  }

  @Test
  void parse_refusesUnknownFlagsAndMissingValues() {
    assertThrows(IllegalArgumentException.class, () -> ShimArguments.parse("-nonsense", "start"));
    assertThrows(IllegalArgumentException.class, () -> ShimArguments.parse("-id"));
    assertThrows(IllegalArgumentException.class, () -> ShimArguments.parse().required("id"));
  }
}
