package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.tests.cri.Configs;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.tools.Eventually;
import io.gantry.tests.tools.NriPlugin;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What plugins change of containers, seen from inside them; and plugins that misbehave. */
@Tag("root")
class NriAdjustmentsIT {
  private static final Duration SOON = Duration.ofSeconds(30);

  @RegisterExtension
  static final TestNode node =
      TestNode.withBusybox(
          directory ->
              """

              [nri]
              request_timeout = "4s"
              plugin_path = "%s"
              plugin_config_path = "%s"

              [cdi]
              spec_dirs = ["%s"]
              """
                  .formatted(
                      directory.scratch().resolve("plugins"),
                      directory.scratch().resolve("conf.d"),
                      directory.path().resolve("cdi")));

  private NriPlugin plugin;

  @BeforeEach
  void connect() {
    assumeTrue(TestNode.isGantry(), "Debian's containerd knows no NRI");
    plugin = connect("10", "tester");
  }

  private static NriPlugin connect(String index, String name) {
    return NriPlugin.connect(node.directory().state().resolve("nri.sock"), index, name);
  }

  @AfterEach
  void disconnect() {
    plugin.close();
    node.removeAllPods();
  }

  @Test
  void adjustments_areWhatTheContainerIsMadeLike() {
    Path hooked = node.directory().scratch().resolve("hooked");
    Path hook = node.directory().write("hook.sh", "#!/bin/sh\ncat > " + hooked + "\n");
    Path mounted = node.directory().write("mounted", "from the host");
    plugin.order(
        """
        {'on': 'CreateContainer', 'adjust': {
          'annotations': {'by': 'tester'},
          'env': [{'key': 'ADDED', 'value': 'yes'}],
          'mounts': [{'destination': '/mnt/file', 'source': '%s', 'type': 'bind',
                      'options': ['bind', 'ro']}],
          'hooks': {'createRuntime': [{'path': '/bin/sh', 'args': ['sh', '%s']}]},
          'rlimits': [{'type': 'RLIMIT_NOFILE', 'hard': '222', 'soft': '111'}],
          'linux': {
            'devices': [{'path': '/dev/added', 'type': 'c', 'major': '1', 'minor': '3'}],
            'oomScoreAdj': {'value': '77'},
            'resources': {'memory': {'limit': {'value': '33554432'}},
                          'cpu': {'shares': {'value': '512'}}}}}}
        """
            .formatted(mounted, hook));
    try (TestPod pod = TestPod.run(node)) {
      String seen =
          pod.output(
              "app",
              Configs.resources(limits -> limits.setMemoryLimitInBytes(64 << 20)),
              "echo $ADDED; cat /mnt/file; echo; ulimit -Sn; ulimit -Hn;"
                  + " cat /proc/self/oom_score_adj; echo x > /dev/added && echo writable");

      assertEquals("yes\nfrom the host\n111\n222\n77\nwritable\n", seen);
      assertTrue(Files.exists(hooked));
      var told = plugin.await("PostCreateContainer").get("container");
      assertEquals("tester", told.at("/annotations/by").asText());
      String id = told.get("id").asText();
      var limits = pod.status(id).getResources().getLinux();
      assertEquals(32 << 20, limits.getMemoryLimitInBytes());
      assertEquals(512, limits.getCpuShares());
    }
  }

  @Test
  void cdiDevice_isGivenWithItsHook() throws IOException {
    Path state = node.directory().scratch().resolve("cdi-hook-state");
    Path hook = node.directory().write("cdi-hook", "#!/bin/sh\ncat > " + state + "\n");
    hook.toFile().setExecutable(true);
    Files.writeString(
        Files.createDirectories(node.directory().path().resolve("cdi")).resolve("test.yaml"),
        """
        cdiVersion: 0.6.0
        kind: gantry.test/plugged
        devices:
        - name: one
          containerEdits:
            env: [ "PLUGGED=one" ]
            deviceNodes:
            - path: /dev/plugged
              hostPath: /dev/full
            hooks:
            - hookName: createContainer
              path: %s
            additionalGids: [ 4711 ]
        """
            .formatted(hook));
    plugin.order(
        """
        {'on': 'CreateContainer', 'adjust': {'CDIDevices': [{'name': 'gantry.test/plugged=one'}]}}
        """);
    try (TestPod pod = TestPod.run(node)) {
      assertEquals(
          "one\n1:7\n1\n4711\n",
          pod.output(
              "app",
              config -> {},
              "echo $PLUGGED; stat -c '%t:%T' /dev/plugged; head -c 1 /dev/plugged | wc -c;"
                  + " id -G | tr ' ' '\\n' | grep 4711"));
      assertTrue(Files.readString(state).contains("\"status\":\"creat"));
    }
  }

  @Test
  void cdiDevice_thatIsUnknownIsNamedWithThePlugin() {
    plugin.order(
        """
        {'on': 'CreateContainer', 'adjust': {'CDIDevices': [{'name': 'gantry.test/plugged=two'}]}}
        """);
    try (TestPod pod = TestPod.run(node)) {
      StatusRuntimeException refused =
          assertThrows(StatusRuntimeException.class, () -> pod.create("app", "sleep", "1"));

      assertTrue(
          refused.getMessage().contains("NRI plugin 10-tester: CDI device gantry.test/plugged=two"),
          refused.getMessage());
    }
  }

  @Test
  void whatCannotBeDone_isRefusedByItsName() {
    plugin.order(
        """
        {'on': 'CreateContainer', 'adjust': {'linux': {'netDevices': {'eth7': {'name': 'eth1'}}}}}
        """);
    try (TestPod pod = TestPod.run(node)) {
      StatusRuntimeException refused =
          assertThrows(StatusRuntimeException.class, () -> pod.create("app", "sleep", "1"));

      assertTrue(refused.getMessage().contains("10-tester"), refused.getMessage());
      assertTrue(refused.getMessage().contains("network devices"), refused.getMessage());
    }
  }

  @Test
  void contradiction_namesBothPluginsAndWhatItIsAbout() {
    String order = "{'on': 'CreateContainer', 'adjust': {'env': [{'key': 'X', 'value': '%s'}]}}";
    plugin.order(order.formatted("1"));
    try (TestPod pod = TestPod.run(node);
        NriPlugin other = connect("20", "other")) {
      other.order(order.formatted("2"));

      StatusRuntimeException refused =
          assertThrows(StatusRuntimeException.class, () -> pod.create("app", "sleep", "1"));

      assertTrue(
          refused.getMessage().contains("10-tester and 20-other both change env X"),
          refused.getMessage());
    }
  }

  @Test
  void validator_mayRejectWhatOthersHaveMade() {
    plugin.order("{'on': 'ValidateContainerAdjustment', 'fail': 'not here'}");
    try (TestPod pod = TestPod.run(node)) {
      StatusRuntimeException refused =
          assertThrows(StatusRuntimeException.class, () -> pod.create("app", "sleep", "1"));

      assertTrue(refused.getMessage().contains("not here"), refused.getMessage());
      assertEquals("", node.crictl().out("ps", "-a", "-q"));
    }
  }

  @Test
  void updateOfLimits_maybeChangedByThePlugin() {
    try (TestPod pod = TestPod.run(node)) {
      String container = pod.run("app", "sleep", "1000");
      plugin.order(
          """
          {'on': 'UpdateContainer', 'update': [{'containerId': '%s', 'linux': {
             'resources': {'cpu': {'shares': {'value': '300'}}}}}]}
          """
              .formatted(container));

      node.crictl().out("update", "--cpu-share", "200", "--memory", "67108864", container);

      var limits = pod.status(container).getResources().getLinux();
      assertEquals(300, limits.getCpuShares());
      assertEquals(64 << 20, limits.getMemoryLimitInBytes());
      assertEquals(
          "200", plugin.await("UpdateContainer").at("/resources/cpu/shares/value").asText());
      plugin.await("PostUpdateContainer", container);
    }
  }

  @Test
  void updateThatThePluginAsksFor_isCarriedOut() {
    try (TestPod pod = TestPod.run(node)) {
      String container = pod.run("app", "sleep", "1000");
      plugin.order(
          """
          {'ask': true, 'update': [
            {'containerId': '%s', 'linux': {'resources': {'cpu': {'shares': {'value': '400'}}}}},
            {'containerId': 'unknown', 'linux': {'resources': {'cpu': {'shares': {'value': '4'}}}}}]}
          """
              .formatted(container));

      var answer = plugin.await("Asked");
      assertEquals(List.of("unknown"), NriPlugin.texts(answer.get("failed")));
      assertEquals(400, pod.status(container).getResources().getLinux().getCpuShares());
    }
  }

  @Test
  void endOfOneContainer_mayChangeAnother() {
    try (TestPod pod = TestPod.run(node)) {
      String stays = pod.run("stays", "sleep", "1000");
      String goes = pod.run("goes", "sleep", "1000");
      plugin.order(
          """
          {'on': 'StopContainer', 'update': [
            {'containerId': '%s', 'linux': {'resources': {'cpu': {'shares': {'value': '600'}}}}}]}
          """
              .formatted(stays));

      pod.stop(goes, Duration.ZERO);

      Eventually.holds(
          "the limit is changed",
          SOON,
          () -> assertEquals(600, pod.status(stays).getResources().getLinux().getCpuShares()));
      plugin.order("{'on': 'StopContainer'}");
    }
  }

  @Test
  void pluginThatHangs_isDroppedAndHoldsUpOnlyWhoWaitsForIt() {
    plugin.freeze();

    try (TestPod pod = TestPod.run(node)) {
      // The first request has waited for its time-out; nothing does any more.
      long began = System.nanoTime();
      String container = pod.run("app", "sleep", "1000");
      pod.stop(container, Duration.ZERO);
      assertTrue(Duration.ofNanos(System.nanoTime() - began).compareTo(SOON) < 0);
    }
    assertTrue(log().contains("NRI plugin dropped"), log());
  }

  @Test
  void pluginThatGoes_isForgotten() {
    plugin.order("{'on': 'RunPodSandbox', 'fail': 'never'}");
    plugin.close();
    Eventually.holds("the plugin is gone", SOON, () -> TestPod.run(node).close());
  }

  private static String log() {
    try {
      return Files.readString(node.directory().daemonLog());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void installedPlugin_isLaunchedWithItsConfigurationBeforeTheFirstPod() throws IOException {
    Path told = node.directory().scratch().resolve("told");
    Path plugins = Files.createDirectories(node.directory().scratch().resolve("plugins"));
    Path configurations = Files.createDirectories(node.directory().scratch().resolve("conf.d"));
    Path program = Files.copy(NriPlugin.program(), plugins.resolve("30-installed"));
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.writeString(configurations.resolve("installed.conf"), told.toString());
    Files.writeString(plugins.resolve("README"), "not a plugin");
    try {
      node.runtime().stop();
      node.startAgain();
      try (TestPod pod = TestPod.run(node)) {
        assertTrue(Files.readString(told).contains(pod.id()), Files.readString(told));
      }
    } finally {
      Files.delete(program);
      node.runtime().stop();
      Eventually.holds(
          "the plugin ends with the daemon",
          SOON,
          () ->
              assertFalse(
                  ProcessHandle.allProcesses()
                      .anyMatch(
                          process ->
                              process.info().command().orElse("").contains("30-installed"))));
      node.startAgain();
    }
  }
}
