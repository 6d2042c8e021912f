package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gantry.proto.cri.v1.IDMapping;
import io.gantry.proto.cri.v1.NamespaceMode;
import io.gantry.proto.cri.v1.NamespaceOption;
import io.gantry.proto.cri.v1.RuntimeHandler;
import io.gantry.proto.cri.v1.StatusRequest;
import io.gantry.proto.cri.v1.StatusResponse;
import io.gantry.proto.cri.v1.UserNamespace;
import io.gantry.tests.cri.Configs;
import io.gantry.tests.node.RuntimeHandlers;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.tools.Command;
import io.gantry.tests.tools.Eventually;
import io.gantry.tests.tools.Interactive;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What runtime handlers are said to do, and sessions with containers of other shims. */
@Tag("root")
class HandlersIT {

  @RegisterExtension
  static final TestNode node =
      TestNode.withBusybox(
          directory ->
              """

              [runtimes.absent]
              shim = "io.containerd.nowhere.v2"
              """);

  private static final String MISSING =
      "runtime handler absent: shim containerd-shim-nowhere-v2 is not in PATH: install it, or give"
          + " its absolute path as shim in [runtimes.absent]";

  @BeforeEach
  void onlyOurs() {
    assumeTrue(TestNode.isGantry(), "handlers of gantry.toml");
  }

  private static StatusResponse status() {
    return node.cri().runtime().status(StatusRequest.newBuilder().setVerbose(true).build());
  }

  private static JsonNode info(StatusResponse status, String key) throws IOException {
    return new ObjectMapper().readTree(status.getInfoOrThrow(key));
  }

  @Test
  void missingShim_isToldInStatusAndLog_andPodsRunByOtherHandlers() throws IOException {
    StatusResponse status = status();

    assertTrue(status.getStatus().getConditions(0).getStatus(), status.toString());
    JsonNode absent = info(status, "handlers").get("absent");
    assertFalse(absent.get("usable").asBoolean());
    assertEquals(MISSING, absent.get("problem").asText());
    assertTrue(
        Files.readString(node.directory().daemonLog()).contains("runtime handler cannot be used"));
    try (TestPod pod = TestPod.run(node, "absent")) {
      StatusRuntimeException refused =
          assertThrows(StatusRuntimeException.class, () -> pod.create("any", "true"));
      assertTrue(refused.getMessage().contains(MISSING), refused.getMessage());
    }
    try (TestPod pod = TestPod.run(node)) {
      assertEquals("fine\n", pod.output("fine", config -> {}, "echo fine"));
    }
  }

  @Test
  void features_areTheKernelsForOwnShims_andWhatTheyTellForOthers() throws IOException {
    RuntimeHandlers.assumeInstalled(RuntimeHandlers.RUNC);
    StatusResponse status = status();
    Map<String, RuntimeHandler> handlers =
        status.getRuntimeHandlersList().stream()
            .collect(Collectors.toMap(RuntimeHandler::getName, Function.identity()));

    assertEquals(
        handlers.get(RuntimeHandlers.DEFAULT).getFeatures(),
        handlers.get(RuntimeHandlers.POD).getFeatures());
    boolean told =
        Command.of("/usr/sbin/runc", "features").run().orFail().stdout().contains("\"rro\"");
    boolean kernel =
        handlers.get(RuntimeHandlers.DEFAULT).getFeatures().getRecursiveReadOnlyMounts();
    RuntimeHandler runc = handlers.get(RuntimeHandlers.RUNC);
    assertEquals(told && kernel, runc.getFeatures().getRecursiveReadOnlyMounts());
    assertFalse(runc.getFeatures().getUserNamespaces());
    assertFalse(handlers.get("absent").getFeatures().getRecursiveReadOnlyMounts());
    assertTrue(info(status, "kernel").get("missing").isArray());
  }

  @Test
  void userNamespace_isRefusedWhereNoIdsAreMapped() {
    IDMapping ids =
        IDMapping.newBuilder().setContainerId(0).setHostId(500000).setLength(65536).build();
    UserNamespace users =
        UserNamespace.newBuilder().setMode(NamespaceMode.POD).addUids(ids).addGids(ids).build();
    try (TestPod pod =
        TestPod.run(
            node,
            RuntimeHandlers.RUNC,
            Configs.podSecurity(
                security ->
                    security.setNamespaceOptions(
                        NamespaceOption.newBuilder()
                            .setPid(NamespaceMode.CONTAINER)
                            .setUsernsOptions(users))))) {
      StatusRuntimeException refused =
          assertThrows(StatusRuntimeException.class, () -> pod.create("any", "true"));

      assertTrue(
          refused.getMessage().contains("user namespaces are for handlers with gantry's own shim"),
          refused.getMessage());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {RuntimeHandlers.RUNC, RuntimeHandlers.CRUN})
  void exec_givesAShellInATerminal(String handler) throws Exception {
    Path terminal = node.directory().scratch().resolve("tty-" + UUID.randomUUID());
    try (TestPod pod = TestPod.run(node, handler)) {
      String container = pod.run("sleeper", "sleep", "1000");
      try (Interactive shell =
          Interactive.inTerminal(node.crictl().command("exec", "-it", container, "sh"), terminal)) {
        shell.type("echo te''rm=$TERM; stty size\r");
        shell.await("term=xterm");
        shell.await("33 99");
        Interactive.resizeTerminal(terminal, 40, 120);
        shell.type("until stty size | grep '^40 120$'; do usleep 10000; done\r");
        shell.await("40 120");
        shell.type("sleep 4321\r");
        Eventually.get(
            "the shell's command runs",
            Duration.ofSeconds(30),
            () -> pod.execOutput(container, "ps"),
            processes -> processes.contains("4321"));
        shell.type("\3");
        shell.type("echo still he''re\r");
        shell.await("still here");
        shell.type("exit 5\r");

        assertTrue(shell.awaitEnd().contains("exit code 5"));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {RuntimeHandlers.RUNC, RuntimeHandlers.CRUN})
  void attach_talksWithTheContainerBesideItsLog(String handler) {
    try (TestPod pod = TestPod.run(node, handler)) {
      String container =
          pod.run(
              "talker",
              config ->
                  config
                      .setStdin(true)
                      .addAllCommand(
                          List.of("sh", "-c", "while read word; do echo heard $word; done")));
      for (String word : List.of("one", "two")) {
        try (Interactive client =
            Interactive.start(node.crictl().command("attach", "-i", container))) {
          client.type(word + "\n");
          client.await("heard " + word);
        }
        pod.awaitLog("talker", log -> log.stdout().contains("heard " + word));
      }
    }
  }
}
