package io.gantry.cri.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gantry.cri.cgroup.PlainCgroups;
import io.gantry.cri.cni.Networks;
import io.gantry.cri.config.Config;
import io.gantry.cri.config.IpPreference;
import io.gantry.cri.config.Sharing;
import io.gantry.cri.fault.FaultPoints;
import io.gantry.cri.operation.Operations;
import io.gantry.cri.shims.Handlers;
import io.gantry.proto.cri.v1.RuntimeCondition;
import io.gantry.proto.cri.v1.RuntimeFeatures;
import io.gantry.proto.cri.v1.StatusRequest;
import io.gantry.proto.cri.v1.StatusResponse;
import io.gantry.runtime.linux.cgroup.Cgroup;
import io.gantry.runtime.linux.cgroup.Cgroups;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatusHandlerTest {
  @TempDir Path directory;

  /** Status touches no cgroup. */
  private static final class NoCgroups implements Cgroups {
    @Override
    public Version version() {
      return Version.V1;
    }

    @Override
    public Cgroup create(String path) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Cgroup createKeeper(String path) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Cgroup at(String path) {
      throw new UnsupportedOperationException();
    }
  }

  private StatusResponse status(String shim, Optional<String> usersProblem, boolean verbose)
      throws Exception {
    Config.Runtime runtime =
        new Config.Runtime(
            "handler", shim, Sharing.CONTAINER, Optional.empty(), Optional.empty(), false);
    Config.Runtimes runtimes = new Config.Runtimes("handler", Map.of("handler", runtime));
    KernelFeatures kernel =
        KernelFeatures.probe(new OldKernel().linux(), Cgroups.Version.V1, usersProblem);
    StatusHandler handler =
        new StatusHandler(
            Config::defaults,
            networks(),
            kernel,
            ProbedHandlers.probe(
                runtimes,
                new Handlers(runtimes, directory, directory.toString(), Optional.empty()),
                kernel),
            new UpdateRuntimeConfigHandler(Optional.empty()),
            new Operations(),
            new PlainCgroups(new NoCgroups(), Optional.empty()));
    return handler.handle(StatusRequest.newBuilder().setVerbose(verbose).build());
  }

  private Networks networks() throws IOException {
    Config.Cni cni =
        new Config.Cni(
            Files.createDirectories(directory.resolve("net.d")),
            List.of(directory.resolve("bin")),
            Duration.ofSeconds(10),
            IpPreference.IPV4,
            Optional.empty());
    return Networks.open(cni, directory.resolve("results"), Clock.systemUTC(), FaultPoints.NONE);
  }

  private void network() throws IOException {
    Files.createDirectories(directory.resolve("net.d"));
    Files.writeString(
        directory.resolve("net.d/10-test.conflist"),
        """
        {"cniVersion": "1.0.0", "name": "test", "plugins": [{"type": "bridge"}]}\
        """);
    Path plugin = Files.createDirectories(directory.resolve("bin")).resolve("bridge");
    Files.writeString(plugin, "#!/bin/sh\n");
    assertTrue(plugin.toFile().setExecutable(true));
  }

  private static RuntimeCondition.Builder condition(String type) {
    return RuntimeCondition.newBuilder().setType(type).setStatus(true);
  }

  @Test
  void conditions_areTrueWhereAllIsThere() throws Exception {
    network();
    StatusResponse status = status(Config.Runtime.OWN_SHIM, Optional.empty(), false);

    assertEquals(
        List.of(condition("RuntimeReady").build(), condition("NetworkReady").build()),
        status.getStatus().getConditionsList());
    assertEquals(
        RuntimeFeatures.newBuilder()
            .setSupplementalGroupsPolicy(true)
            .setMountOptions(true)
            .setUserNamespacesHostNetwork(true)
            .build(),
        status.getFeatures());
    assertEquals(0, status.getInfoCount());
  }

  @Test
  void missingNetwork_hasTheReasonThatTheKubeletKnows() throws Exception {
    RuntimeCondition network =
        status(Config.Runtime.OWN_SHIM, Optional.empty(), false).getStatus().getConditions(1);

    assertFalse(network.getStatus());
    assertEquals("NetworkPluginNotReady", network.getReason());
    assertTrue(network.getMessage().contains("no network configuration"), network.getMessage());
  }

  @Test
  void missingShimOfTheDefaultHandler_meansThatTheRuntimeIsNotReady() throws Exception {
    RuntimeCondition runtime =
        status("io.containerd.absent.v2", Optional.empty(), false).getStatus().getConditions(0);

    assertFalse(runtime.getStatus());
    assertEquals("RuntimeHandlerNotUsable", runtime.getReason());
  }

  @Test
  void kernelWithoutUserNamespaces_isNotSaidToHaveThemOnTheHostsNetwork() throws Exception {
    assertFalse(
        status(Config.Runtime.OWN_SHIM, Optional.of("none here"), false)
            .getFeatures()
            .getUserNamespacesHostNetwork());
  }

  @Test
  void verbose_isJsonUnderTheNamesThatToolsRead() throws Exception {
    network();
    Map<String, String> info = status(Config.Runtime.OWN_SHIM, Optional.empty(), true).getInfoMap();
    ObjectMapper json = new ObjectMapper();

    JsonNode config = json.readTree(info.get("config"));
    assertEquals("/run/gantry", config.path("stateDir").asText());
    assertEquals("/var/lib/gantry", config.path("rootDir").asText());
    assertEquals("test", json.readTree(info.get("cniconfig")).path("name").asText());
    assertEquals("OK", json.readTree(info.get("lastCNILoadStatus")).asText());
    assertTrue(json.readTree(info.get("operations")).path("inFlight").isArray());
    for (String text : info.values()) {
      json.readTree(text);
    }
  }
}
