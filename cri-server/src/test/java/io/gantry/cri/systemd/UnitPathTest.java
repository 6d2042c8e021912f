package io.gantry.cri.systemd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class UnitPathTest {
  @Test
  void slice_liesInTheSlicesThatItsNameHolds() {
    assertEquals("/kubepods.slice", UnitPath.slice("kubepods.slice").path());
    assertEquals(
        "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod1_2.slice",
        UnitPath.slice("kubepods-besteffort-pod1_2.slice").path());
    // Kubelets send the path; what is above the name is the name's to say.
    assertEquals(
        "/kubepods.slice/kubepods-pod1.slice",
        UnitPath.slice("/kubepods.slice/kubepods-pod1.slice").path());
    assertEquals("/", UnitPath.slice("-.slice").path());
  }

  @Test
  void slice_refusesWhatIsNoName() {
    for (String name :
        List.of("a", ".slice", "-a.slice", "a-.slice", "a--b.slice", "a b.slice", "é.slice", "")) {
      assertThrows(IllegalArgumentException.class, () -> UnitPath.slice(name), name);
    }
  }

  @Test
  void scope_liesInItsSlice() {
    UnitPath scope = UnitPath.slice("a-b.slice").scope("cri-gantry-c1");
    assertEquals("/a.slice/a-b.slice/cri-gantry-c1.scope", scope.path());
    assertEquals("cri-gantry-c1.scope", scope.name());
    assertEquals("a-b.slice", scope.parent().name());
    assertFalse(scope.isSlice());
    assertTrue(scope.parent().isSlice());
    assertEquals("/c.scope", UnitPath.slice("-.slice").scope("c").path());
    assertEquals("-.slice", UnitPath.slice("-.slice").scope("c").parent().name());
  }

  @Test
  void isUnit_tellsByTheName() {
    assertTrue(UnitPath.isUnit("/a.slice/b.scope"));
    assertTrue(UnitPath.isUnit("/a.slice"));
    assertFalse(UnitPath.isUnit("/gantry/1234"));
  }
}
