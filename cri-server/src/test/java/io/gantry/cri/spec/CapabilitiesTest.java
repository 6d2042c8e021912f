package io.gantry.cri.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.cri.grpc.CriException;
import io.gantry.proto.cri.v1.Capability;
import io.gantry.runtime.oci.OciCapabilities;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CapabilitiesTest {
  private static final Set<String> EVERYTHING = Set.copyOf(Capabilities.KNOWN);

  @Test
  void of_nothingAskedGivesTheDefaultsWithoutInheritable() {
    OciCapabilities sets = of(Capability.newBuilder());
    assertEquals(Capabilities.DEFAULT, sets.bounding());
    assertEquals(Capabilities.DEFAULT, sets.permitted());
    assertEquals(Capabilities.DEFAULT, sets.effective());
    assertEquals(List.of(), sets.inheritable());
    assertEquals(List.of(), sets.ambient());
  }

  @Test
  void of_takesNamesWithAndWithoutPrefixInAnyCase() {
    List<String> held =
        of(Capability.newBuilder().addAddCapabilities("sys_time").addAddCapabilities("CAP_BPF"))
            .bounding();
    assertTrue(held.containsAll(List.of("CAP_SYS_TIME", "CAP_BPF", "CAP_CHOWN")));
  }

  @Test
  void of_dropAllAddOneLeavesOne() {
    assertEquals(
        List.of("CAP_KILL"),
        of(Capability.newBuilder().addDropCapabilities("ALL").addAddCapabilities("KILL"))
            .effective());
  }

  @Test
  void of_addAllDropOneLeavesTheRest() {
    Set<String> expected = new HashSet<>(EVERYTHING);
    expected.remove("CAP_KILL");
    assertEquals(
        expected,
        Set.copyOf(
            of(Capability.newBuilder().addAddCapabilities("all").addDropCapabilities("KILL"))
                .bounding()));
  }

  @Test
  void of_dropOneLeavesTheOtherDefaults() {
    List<String> held = of(Capability.newBuilder().addDropCapabilities("NET_RAW")).bounding();
    assertFalse(held.contains("CAP_NET_RAW"));
    assertEquals(Capabilities.DEFAULT.size() - 1, held.size());
  }

  @Test
  void of_ambientIsAlsoInheritableAndPermitted() {
    OciCapabilities sets = of(Capability.newBuilder().addAddAmbientCapabilities("NET_ADMIN"));
    assertEquals(List.of("CAP_NET_ADMIN"), sets.ambient());
    assertEquals(List.of("CAP_NET_ADMIN"), sets.inheritable());
    assertTrue(sets.permitted().contains("CAP_NET_ADMIN"));
  }

  @Test
  void of_privilegedHoldsAllWhateverIsDropped() {
    OciCapabilities sets =
        Capabilities.of(
            Capability.newBuilder().addDropCapabilities("ALL").build(), true, EVERYTHING);
    assertEquals(Capabilities.KNOWN, sets.bounding());
  }

  @Test
  void of_leavesOutWhatTheHostCannotGrant() {
    Set<String> available = new HashSet<>(EVERYTHING);
    available.remove("CAP_SYS_RESOURCE");
    assertFalse(
        Capabilities.of(Capability.getDefaultInstance(), true, available)
            .bounding()
            .contains("CAP_SYS_RESOURCE"));
  }

  @Test
  void of_refusesAnUnknownName() {
    CriException refused =
        assertThrows(
            CriException.class, () -> of(Capability.newBuilder().addAddCapabilities("FLY")));
    assertEquals("capability \"FLY\": no such capability", refused.getMessage());
  }

  private static OciCapabilities of(Capability.Builder asked) {
    return Capabilities.of(asked.build(), false, EVERYTHING);
  }
}
