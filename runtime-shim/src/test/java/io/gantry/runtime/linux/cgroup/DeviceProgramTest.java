package io.gantry.runtime.linux.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.runtime.oci.OciDeviceRule;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class DeviceProgramTest {
  private static final OciDeviceRule NULL =
      new OciDeviceRule(true, 'c', OptionalLong.of(1), OptionalLong.of(3), "rw");

  @Test
  void withoutRules_everythingIsAllowed() {
    assertTrue(allows(List.of(), 'b', 8, 0, "rwm"));
  }

  @Test
  void laterRulesWin_accessByAccess() {
    List<OciDeviceRule> rules = List.of(OciDeviceRule.all(false), NULL);
    assertTrue(allows(rules, 'c', 1, 3, "r"));
    assertTrue(allows(rules, 'c', 1, 3, "rw"));
    assertFalse(allows(rules, 'c', 1, 3, "m"));
    assertFalse(allows(rules, 'c', 1, 3, "rwm"));
    assertFalse(allows(rules, 'c', 1, 5, "r"));
    assertFalse(allows(rules, 'c', 2, 3, "r"));
    assertFalse(allows(rules, 'b', 1, 3, "r"));
  }

  @Test
  void aDenialTakesAwayOnlyItsOwnAccesses() {
    List<OciDeviceRule> rules =
        List.of(NULL, new OciDeviceRule(false, 'c', OptionalLong.of(1), OptionalLong.empty(), "w"));
    assertTrue(allows(rules, 'c', 1, 3, "r"));
    assertFalse(allows(rules, 'c', 1, 3, "rw"));
    assertTrue(allows(rules, 'c', 2, 3, "rw"));
  }

  @Test
  void absentNumbersFitAnyDevice() {
    List<OciDeviceRule> rules =
        List.of(
            OciDeviceRule.all(false),
            new OciDeviceRule(true, 'b', OptionalLong.empty(), OptionalLong.of(7), "m"));
    assertTrue(allows(rules, 'b', 99, 7, "m"));
    assertFalse(allows(rules, 'b', 99, 8, "m"));
  }

  private static boolean allows(
      List<OciDeviceRule> rules, char type, int major, int minor, String access) {
    int bits =
        (access.contains("m") ? 1 : 0)
            | (access.contains("r") ? 2 : 0)
            | (access.contains("w") ? 4 : 0);
    int[] context = {bits << 16 | (type == 'b' ? 1 : 2), major, minor};
    return run(DeviceProgram.of(rules), context) == 1;
  }

  /** A BPF interpreter of the instructions in use. */
  private static int run(long[] code, int[] context) {
    int[] registers = new int[11];
    int at = 0;
    while (true) {
      long word = code[at++];
      int destination = (int) (word >> 8) & 0xf;
      int source = (int) (word >> 12) & 0xf;
      int offset = (short) (word >> 16);
      int immediate = (int) (word >> 32);
      switch ((int) word & 0xff) {
        case 0x61:
          assertEquals(1, source, "only the context is loaded from");
          registers[destination] = context[offset / 4];
          break;
        case 0xb4:
          registers[destination] = immediate;
          break;
        case 0xbc:
          registers[destination] = registers[source];
          break;
        case 0x54:
          registers[destination] &= immediate;
          break;
        case 0x5c:
          registers[destination] &= registers[source];
          break;
        case 0x44:
          registers[destination] |= immediate;
          break;
        case 0xa4:
          registers[destination] ^= immediate;
          break;
        case 0x74:
          registers[destination] >>>= immediate;
          break;
        case 0x56:
          at += registers[destination] != immediate ? offset : 0;
          break;
        case 0x95:
          return registers[0];
        default:
          throw new AssertionError("instruction " + Long.toHexString(word));
      }
    }
  }
}
