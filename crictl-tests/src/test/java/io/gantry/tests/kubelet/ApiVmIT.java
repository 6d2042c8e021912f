package io.gantry.tests.kubelet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.tests.kubelet.KubeletApi.Wire;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.tools.Command;
import io.gantry.tests.tools.Eventually;
import io.gantry.tests.tools.Interactive;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What `kubectl logs`, `exec`, `attach` and `port-forward` come to on a node, over both wires. */
@Tag("root")
@Tag("vm")
class ApiVmIT {

  @Order(1)
  @RegisterExtension
  static final TestNode node = TestNode.withBusybox();

  @Order(2)
  @RegisterExtension
  static final Kubelet kubelet = Kubelet.on(node);

  private static final Duration SOON = Duration.ofSeconds(30);

  private static StaticPod pod;

  @BeforeAll
  static void runPod() {
    pod =
        kubelet.run(
            "spoken-to",
            """
            terminationGracePeriodSeconds: 1
            containers:
            - name: counter
              image: %1$s
              command:
              - sh
              - -c
              - "for i in 1 2 3 4 5; do echo line $i; done; echo wrong >&2; sleep 100000"
            - name: shell
              image: %1$s
              stdin: true
              tty: true
              command: [sh]
            - name: server
              image: %1$s
              command: [sh, -c, "mkdir /www; echo served >/www/page; exec httpd -f -p 7777 -h /www"]
              readinessProbe:
                httpGet: {path: /page, port: 7777}
                periodSeconds: 1
                timeoutSeconds: 60
            """
                .formatted(node.busybox()));
    pod.awaitReady();
  }

  @Test
  void logs_areWholeOrTheirTail() {
    Eventually.get("all lines", SOON, () -> pod.logs("counter", ""), all -> all.contains("wrong"));

    assertEquals("line 5\nwrong\n", pod.logs("counter", "?tailLines=2"));
    assertTrue(
        pod.logs("counter", "?tailLines=1&timestamps=true")
            .matches("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z wrong\n"));
  }

  @ParameterizedTest
  @EnumSource(Wire.class)
  void exec_givesOutputErrorsAndExitCode(Wire wire) {
    Command.Outcome outcome =
        kubelet
            .api()
            .exec(
                wire,
                pod.name(),
                "counter",
                new byte[0],
                "sh",
                "-c",
                "echo out; echo err >&2; exit 7")
            .run();

    assertEquals("out\n", outcome.stdout(), outcome::toString);
    assertEquals("err\n", outcome.stderr());
    assertEquals(7, outcome.exitCode());
  }

  @ParameterizedTest
  @EnumSource(Wire.class)
  void exec_handsOnItsInput(Wire wire) {
    byte[] input = new byte[300_000];
    new Random(1).nextBytes(input);

    Command.Outcome outcome =
        kubelet.api().exec(wire, pod.name(), "counter", input, "cat").run().orFail();

    assertArrayEquals(input, outcome.stdoutBytes());
  }

  @ParameterizedTest
  @EnumSource(Wire.class)
  void exec_inATerminalIsATerminal(Wire wire) throws InterruptedException {
    try (Interactive shell = kubelet.api().terminal(wire, pod.name(), "counter", "sh")) {
      shell.type("tty\n");
      shell.await("/dev/pts/");
      shell.type("exit 5\n");
      shell.awaitEnd();
      assertEquals(5, shell.exitCode());
    }
  }

  @ParameterizedTest
  @EnumSource(Wire.class)
  void attach_talksWithTheContainersOwnProcess(Wire wire) {
    try (Interactive shell = kubelet.api().terminal(wire, pod.name(), "shell")) {
      shell.type("echo I am $$\n");
      shell.await("I am 1");
    }
  }

  @ParameterizedTest
  @EnumSource(Wire.class)
  void portForward_leadsIntoThePod(Wire wire) throws IOException {
    try (KubeletApi.Forward forward = kubelet.api().forward(wire, pod.name(), 7777)) {
      URL page = new URL("http://127.0.0.1:" + forward.port() + "/page");
      for (int time = 0; time < 2; time++) {
        try (InputStream answer = page.openStream()) {
          assertEquals("served\n", new String(answer.readAllBytes(), StandardCharsets.UTF_8));
        }
      }
    }
  }
}
