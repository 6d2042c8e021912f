package io.gantry.cri.nri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.cri.container.ContainerRecord;
import io.gantry.proto.nri.Container;
import io.gantry.runtime.oci.OciSpec;
import io.gantry.runtime.oci.OciSpecReader;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PluginsTest {
  private static final Plugins.Shown NOTHING = new Plugins.Shown(List.of(), List.of());
  private final Plugins plugins = new Plugins();

  @Test
  void plugins_areAskedInTheOrderOfTheirIndices() throws Exception {
    try (PluginRig late = PluginRig.connect("20", "b", fake -> {});
        PluginRig early = PluginRig.connect("10", "a", fake -> {})) {
      plugins.join(late.plugin(), () -> NOTHING);
      plugins.join(early.plugin(), () -> NOTHING);

      assertEquals(List.of(early.plugin(), late.plugin()), plugins.all());
    }
  }

  @Test
  void pluginThatGoes_isNotAskedAnyMore() throws Exception {
    try (PluginRig rig = PluginRig.connect("10", "a", fake -> {})) {
      plugins.join(rig.plugin(), () -> NOTHING);

      rig.fake().close();

      rig.plugin().closed().get(10, TimeUnit.SECONDS);
      assertTrue(plugins.isEmpty());
    }
  }

  @Test
  void pluginThatJoins_isToldOfWhatIsBeingMade() throws Exception {
    ContainerRecord container = ContainerCreationTest.container("c1");
    OciSpec spec = OciSpecReader.parse(AdjustmentsTest.SPEC);
    try (PluginRig rig = PluginRig.connect("10", "a", fake -> {})) {
      assertTrue(plugins.begin(container, spec).isEmpty());
      assertTrue(plugins.begin(ContainerCreationTest.pod("p1")).isEmpty());

      Plugins.Known known = plugins.join(rig.plugin(), () -> NOTHING);

      assertEquals(List.of("c1"), known.making().stream().map(Container::getId).toList());
      assertEquals(1, known.pods().size());
    }
  }

  @Test
  void whatIsShownMeanwhile_isToldOnce() throws Exception {
    ContainerRecord container = ContainerCreationTest.container("c1");
    OciSpec spec = OciSpecReader.parse(AdjustmentsTest.SPEC);
    try (PluginRig rig = PluginRig.connect("10", "a", fake -> {})) {
      plugins.begin(container, spec);
      plugins.begin(ContainerCreationTest.pod("p1"));
      Plugins.Shown shown =
          new Plugins.Shown(List.of(ContainerCreationTest.pod("p1")), List.of(container));

      Plugins.Known known = plugins.join(rig.plugin(), () -> shown);

      assertEquals(List.of(container), known.containers());
      assertTrue(known.making().isEmpty());
      assertEquals(1, known.pods().size());
    }
  }

  @Test
  void whatHasEnded_isNotToldAsBeingMade() throws Exception {
    try (PluginRig rig = PluginRig.connect("10", "a", fake -> {})) {
      plugins.begin(ContainerCreationTest.pod("p1"));
      plugins.end("p1");

      assertTrue(plugins.join(rig.plugin(), () -> NOTHING).pods().isEmpty());
    }
  }
}
