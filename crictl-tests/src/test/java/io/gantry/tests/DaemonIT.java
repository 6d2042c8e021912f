package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.proto.cri.v1.ImageServiceGrpc;
import io.gantry.proto.cri.v1.RuntimeServiceGrpc;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.tools.Checkout;
import io.gantry.tests.tools.Command;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** gantryd itself, as the distribution starts it. */
@Tag("root")
class DaemonIT {

  @RegisterExtension static final TestNode node = TestNode.empty();

  private final String gantryd = Checkout.distribution().resolve("bin/gantryd").toString();

  @BeforeEach
  void onlyOurs() {
    assumeTrue(TestNode.isGantry(), "tests gantryd's own command line");
    if (!node.runtime().process().isAlive()) {
      node.startAgain();
    }
  }

  @Test
  void version_namesTheRuntime() {
    String words = node.crictl().out("version");

    assertTrue(words.contains("RuntimeName:  gantry"), words);
    assertTrue(words.contains("RuntimeApiVersion:  v1"), words);
  }

  @Test
  void socket_isForRootAndItsGroupOnly() throws IOException {
    assertEquals(
        "rw-rw----",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(node.directory().socket())));
  }

  @Test
  void secondDaemon_onTheSameDirectoriesRefusesToStart() {
    Command.Outcome second = start(node.directory().path().resolve("second.sock"));

    assertFalse(second.succeeded());
    assertInUse(second);
    assertTrue(node.crictl().run("version").succeeded(), "the first one serves on");
  }

  @Test
  void stop_removesTheSocket() {
    node.runtime().stop();

    assertFalse(Files.exists(node.directory().socket()));
  }

  @Test
  void staleSocket_ofAKilledDaemonIsReplaced() {
    node.runtime().kill();
    assertTrue(Files.exists(node.directory().socket()), "SIGKILL leaves the socket behind");

    node.startAgain();

    assertTrue(node.crictl().run("version").succeeded());
  }

  @Test
  void configDefault_printsAFileThatIsAccepted() {
    Command.Outcome printed = Command.of(gantryd, "config", "default").run().orFail();
    assertTrue(printed.stdout().contains("default_parent"), printed.stdout());

    Path file = node.directory().write("default.toml", printed.stdout());
    // It gets past its configuration and stops at the directories that are in use.
    Command.Outcome second = startWith(file, node.directory().path().resolve("second.sock"));
    assertInUse(second);
  }

  @Test
  void unknownKey_isRefusedByNameAndLine() {
    Path file = node.directory().write("typo.toml", "[cni]\nconf_dri = \"/etc\"\n");

    Command.Outcome refused = startWith(file, node.directory().path().resolve("second.sock"));

    assertFalse(refused.succeeded());
    assertTrue(refused.stderr().contains("conf_dri"), refused.stderr());
    assertTrue(refused.stderr().contains("2"), refused.stderr());
  }

  @Test
  void whatIsNotBuilt_isSaidByName() {
    // As a kubelet does that is newer than this daemon.
    for (String method : List.of("RuntimeService/MigratePod", "ImageService/SquashImage")) {
      Status refusal = node.cri().call("runtime.v1." + method, new byte[0], Duration.ofSeconds(20));

      assertEquals(Status.Code.UNIMPLEMENTED, refusal.getCode(), refusal::toString);
      assertTrue(refusal.getDescription().contains(method), refusal::toString);
    }
  }

  @Test
  void everyRpcOfTheCri_isBuilt() {
    Stream.of(RuntimeServiceGrpc.getServiceDescriptor(), ImageServiceGrpc.getServiceDescriptor())
        .flatMap(service -> service.getMethods().stream())
        .map(MethodDescriptor::getFullMethodName)
        .forEach(
            method -> {
              Status answer = node.cri().call(method, new byte[0], Duration.ofSeconds(2));
              assertNotEquals(Status.Code.UNIMPLEMENTED, answer.getCode(), method);
            });
  }

  /** It says which directory, and who has it. */
  private static void assertInUse(Command.Outcome refused) {
    String words = refused.stderr();
    assertTrue(words.contains(node.directory().root() + " is in use"), words);
    assertTrue(words.contains(Long.toString(node.runtime().process().pid())), words);
  }

  private Command.Outcome start(Path socket) {
    return startWith(node.directory().path().resolve("gantry.toml"), socket);
  }

  private Command.Outcome startWith(Path configuration, Path socket) {
    return Command.of(
            gantryd,
            "--config",
            configuration.toString(),
            "--root",
            node.directory().root().toString(),
            "--state",
            node.directory().state().toString(),
            "--listen",
            "unix://" + socket)
        .run();
  }
}
