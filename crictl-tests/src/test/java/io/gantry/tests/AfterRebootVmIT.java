package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.gantry.tests.cri.ContainerLog;
import io.gantry.tests.node.CgroupDriver;
import io.gantry.tests.node.Leftovers;
import io.gantry.tests.node.Service;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What became of the pods of {@link BeforeRebootVmIT} when the machine was booted anew. */
@Tag("root")
@Tag("vm")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class AfterRebootVmIT {

  @RegisterExtension static final TestNode node = TestNode.afterReboot(CgroupDriver.SYSTEMD);

  @Test
  @Order(1)
  void daemon_wasStartedByTheMachine() {
    assertEquals("active", Service.property("ActiveState"));
    assertEquals("0", Service.property("NRestarts"));
  }

  @Test
  @Order(2)
  void podsOfBefore_areNotReady_andNoneOfTheirContainersRuns() {
    JsonNode pods = node.crictl().json("pods", "-o", "json").at("/items");
    assertEquals(2, pods.size(), pods::toString);
    pods.forEach(pod -> assertEquals("SANDBOX_NOTREADY", pod.at("/state").asText()));

    Map<String, JsonNode> containers = containers();
    assertEquals(java.util.Set.of("running", "created", "exited", "shared"), containers.keySet());
    assertEquals("", node.crictl().out("ps", "-q"));
    assertEquals(3, containers.get("exited").at("/status/exitCode").asInt());
    assertEquals("Error", containers.get("exited").at("/status/reason").asText());
    for (String name : new String[] {"running", "shared"}) {
      JsonNode status = containers.get(name).at("/status");
      assertEquals("CONTAINER_EXITED", status.at("/state").asText(), status::toString);
      assertNotEquals(0, status.at("/exitCode").asInt(), status::toString);
      assertNotEquals("", status.at("/finishedAt").asText(), status::toString);
    }
  }

  @Test
  @Order(3)
  void machineGoingDown_askedContainersToEnd_andTheirWordsAreThere() throws Exception {
    JsonNode status = containers().get("running").at("/status");

    assertEquals(
        "runs\nasked to end\n",
        ContainerLog.read(Path.of(status.at("/logPath").asText())).stdout());
    assertEquals(7, status.at("/exitCode").asInt(), status::toString);
  }

  private static Map<String, JsonNode> containers() {
    Map<String, JsonNode> containers = new HashMap<>();
    node.crictl()
        .out("ps", "-a", "-q")
        .lines()
        .map(id -> node.crictl().json("inspect", id))
        .forEach(one -> containers.put(one.at("/status/metadata/name").asText(), one));
    return containers;
  }

  @Test
  @Order(4)
  void podsOfBefore_canBeRemoved_andLeaveNothing() {
    for (String pod : node.crictl().out("pods", "-q").lines().toList()) {
      node.crictl().out("stopp", pod);
      node.crictl().out("rmp", pod);
    }

    assertEquals("", node.crictl().out("ps", "-aq") + node.crictl().out("pods", "-q"));
    Leftovers left = Leftovers.of(node.directory());
    for (String kind : new String[] {"mounts", "cgroups", "address leases", "files"}) {
      assertEquals(0, left.count(kind), left::toString);
    }
  }

  @Test
  @Order(5)
  void newPod_runsAsEver() {
    // The registry of this boot has another port.
    node.crictl().out("pull", node.busybox());
    try (TestPod pod = TestPod.run(node)) {
      String seen = pod.output("new", config -> {}, "ip -4 addr show eth0");
      assertTrue(seen.contains(pod.status().getNetwork().getIp()), seen);
    }
  }
}
