package io.gantry.cri.cni;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkTemplateTest {
  private static final String TEXT =
      """
      {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "ipam":
        {"type": "host-local", "ranges": {{.PodCIDRRanges}}, "routes": {{.Routes}}}}]}
      """;

  @TempDir private Path directory;
  private Path written;
  private NetworkTemplate template;

  @BeforeEach
  void make() throws IOException {
    Path configurations = directory.resolve("net.d");
    written = configurations.resolve("10-gantry.conflist");
    template =
        new NetworkTemplate(Files.writeString(directory.resolve("template"), TEXT), configurations);
  }

  @Test
  void subnets_becomeANetworkThatIsRead() throws Exception {
    assertTrue(template.write("10.1.0.0/24,fd00::/64"));

    assertTrue(
        Files.readString(written)
            .contains(
                "\"ranges\": [[{\"subnet\": \"10.1.0.0/24\"}], [{\"subnet\": \"fd00::/64\"}]],"
                    + " \"routes\": [{\"dst\": \"0.0.0.0/0\"}, {\"dst\": \"::/0\"}]"));
    assertEquals("pods", new ConfigDirectory(written.getParent()).network().name());
  }

  @Test
  void firstSubnet_hasAPlaceOfItsOwn() {
    assertEquals(
        "a 10.1.0.0/24 b",
        NetworkTemplate.render("a {{.PodCIDR}} b", List.of("10.1.0.0/24", "fd00::/64")));
  }

  @Test
  void sameSubnet_isNotWrittenAgainAndAnotherIs() throws Exception {
    template.write("10.1.0.0/24");

    assertFalse(template.write("10.1.0.0/24"));
    assertTrue(template.write("10.2.0.0/24"));
    assertTrue(Files.readString(written).contains("10.2.0.0/24"));
  }

  @Test
  void somebodyElsesConfiguration_isLeftAlone() throws Exception {
    Files.createDirectories(written.getParent());
    Files.writeString(written.resolveSibling("05-other.conf"), "{}");

    assertFalse(template.write("10.1.0.0/24"));
    assertFalse(Files.exists(written));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "10.1.0.0", "10.1.0.0/33", "host/24", "10.1.0.0/24\"}", "/24"})
  void whatIsNoSubnet_isRefusedAndNothingWritten(String subnet) {
    assertThrows(IllegalArgumentException.class, () -> template.write(subnet));
    assertFalse(Files.exists(written));
  }

  @Test
  void missingTemplate_isNamed() {
    IOException missing =
        assertThrows(
            IOException.class,
            () -> new NetworkTemplate(directory.resolve("none"), directory).write("10.1.0.0/24"));
    assertTrue(missing.getMessage().contains("cni.conf_template"), missing.getMessage());
  }
}
