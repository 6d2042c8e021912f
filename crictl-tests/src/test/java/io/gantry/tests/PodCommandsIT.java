package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.gantry.tests.node.CrictlFiles;
import io.gantry.tests.node.Leftovers;
import io.gantry.tests.node.TestNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Pods under crictl: runp, pods, inspectp, stopp, rmp. */
@Tag("root")
class PodCommandsIT {

  @RegisterExtension static final TestNode node = TestNode.empty();

  private final CrictlFiles files = new CrictlFiles(node);

  @AfterEach
  void removePods() {
    node.removeAllPods();
  }

  @Test
  void runp_givesAReadyPodWithAnAddress() {
    String pod = node.crictl().out("runp", files.pod("web").toString());

    JsonNode status = node.crictl().json("inspectp", pod).get("status");
    assertEquals("SANDBOX_READY", status.get("state").asText());
    assertEquals("web", status.at("/metadata/name").asText());
    assertEquals("value", status.at("/labels/test-label").asText());
    assertEquals("with spaces", status.at("/annotations/test-annotation").asText());
    assertTrue(status.at("/network/ip").asText().startsWith("10."), status.toString());
  }

  @Test
  void pods_areFilteredByNameStateLabelAndId() {
    String first = node.crictl().out("runp", files.pod("first").toString());
    String second = node.crictl().out("runp", files.pod("second").toString());
    node.crictl().out("stopp", second);

    assertEquals(first, node.crictl().out("pods", "-q", "--name", "first"));
    assertEquals(first, node.crictl().out("pods", "-q", "--state", "ready"));
    assertEquals(second, node.crictl().out("pods", "-q", "--state", "notready"));
    assertEquals(second, node.crictl().out("pods", "-q", "--id", second.substring(0, 13)));
    assertEquals(2, node.crictl().out("pods", "-q", "--label", "test-label=value").lines().count());
    assertEquals("", node.crictl().out("pods", "-q", "--label", "test-label=other"));
  }

  @Test
  void runp_twoPodsHaveTwoAddresses() {
    String first = node.crictl().out("runp", files.pod("first").toString());
    String second = node.crictl().out("runp", files.pod("second").toString());

    assertNotEquals(address(first), address(second));
  }

  @Test
  void stopp_makesThePodNotReadyAndFreesItsNetwork() {
    String pod = node.crictl().out("runp", files.pod("stopped").toString());
    assertEquals(1, Leftovers.of(node.directory()).count("interfaces"));

    node.crictl().out("stopp", pod);

    assertEquals(
        "SANDBOX_NOTREADY", node.crictl().json("inspectp", pod).at("/status/state").asText());
    assertEquals(0, Leftovers.of(node.directory()).count("interfaces"));
    assertEquals(0, Leftovers.of(node.directory()).count("address leases"));
    assertEquals(0, Leftovers.of(node.directory()).count("iptables rules"));
  }

  @Test
  void stoppAndRmp_succeedAgain() {
    String pod = node.crictl().out("runp", files.pod("twice").toString());

    node.crictl().out("stopp", pod);
    node.crictl().out("stopp", pod);
    node.crictl().out("rmp", pod);
    assertEquals("", node.crictl().out("pods", "-q"));
  }

  @Test
  void rmp_forceRemovesAReadyPodWithItsContainers() {
    node.crictl().out("pull", node.busybox());
    String pod = node.crictl().out("runp", files.pod("full").toString());
    String container =
        node.crictl()
            .out(
                "create",
                pod,
                files.container("sleeper", "sleep", "1000").toString(),
                files.pod("full").toString());
    node.crictl().out("start", container);

    node.crictl().out("rmp", "--force", pod);

    assertEquals("", node.crictl().out("pods", "-q"));
    assertEquals("", node.crictl().out("ps", "-a", "-q"));
    assertEquals(0, Leftovers.of(node.directory()).count("cgroups"));
  }

  @Test
  void runp_ofANameThatAnotherPodHasIsRefused() throws IOException {
    Path first = files.pod("taken");
    String pod = node.crictl().out("runp", first.toString());
    Path other = first.resolveSibling("pod-taken-otherwise.json");
    Files.writeString(other, Files.readString(first).replace("with spaces", "otherwise"));

    String words = node.crictl().runtimeRefusal("runp", other.toString());

    assertTrue(words.contains("taken"), words);
    assertEquals(pod, node.crictl().out("runp", first.toString()), "the same asked again");
    assertEquals(1, node.crictl().out("pods", "-q").lines().count());
  }

  @Test
  void runp_ofARemovedPodsNameSucceeds() {
    String first = node.crictl().out("runp", files.pod("again").toString());
    node.crictl().out("rmp", "--force", first);

    String second = node.crictl().out("runp", files.pod("again").toString());

    assertNotEquals(first, second);
  }

  private static String address(String pod) {
    return node.crictl().json("inspectp", pod).at("/status/network/ip").asText();
  }
}
