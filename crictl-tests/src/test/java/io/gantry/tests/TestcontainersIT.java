package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.tests.node.TestNode;
import io.gantry.tests.tools.Eventually;
import io.gantry.tests.tools.Patience;
import io.gantry.tests.tools.Web;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.containers.Container;
import org.testcontainers.containers.ContainerLaunchException;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.output.OutputFrame;
import org.testcontainers.containers.output.ToStringConsumer;
import org.testcontainers.containers.startupcheck.OneShotStartupCheckStrategy;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.ImageFromDockerfile;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/**
 * Testcontainers, as Java programs use it in their tests.
 *
 * <p>Ryuk, which removes what a dead JVM has left, is an image of Docker Hub's, which tests that
 * need no internet cannot pull, and only a variable of the environment switches it off. So its
 * place is taken by a container that says yes to everything: it is started, waited for and spoken
 * with like Ryuk.
 */
@Tag("root")
class TestcontainersIT {
  private static final String HOST = "DOCKER_HOST";
  private static final Duration SOON = Duration.ofSeconds(90);

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  @TempDir private Path directory;

  @BeforeAll
  static void point() {
    assumeTrue(TestNode.isGantry(), "the Docker Engine API is gantry's own");
    node.registry().open().push("test/ryuk", "1", node.registry().images().ryuk());
    String ryuk = node.registry().open().reference("test/ryuk:1");
    node.command().out("pull", "-q", ryuk);
    // The name that testcontainers.properties has.
    node.command().out("tag", ryuk, "testcontainers/ryuk:of-tests");
    System.setProperty(HOST, "unix://" + node.directory().dockerSocket());
  }

  @AfterAll
  static void pointNowhere() {
    System.clearProperty(HOST);
    node.command().removeAll();
  }

  private static GenericContainer<?> container(String... command) {
    return new GenericContainer<>(DockerImageName.parse(node.busybox()))
        .withStartupTimeout(Patience.of(SOON))
        .withCommand(command);
  }

  private static GenericContainer<?> webServer() {
    return container(
            "sh",
            "-c",
            "mkdir /www && echo hello > /www/index.html && exec httpd -f -vv -p 8080 -h /www")
        .withExposedPorts(8080);
  }

  private static String page(GenericContainer<?> web) throws IOException {
    return Web.get(URI.create("http://%s:%d/".formatted(web.getHost(), web.getMappedPort(8080))));
  }

  @Test
  void container_isWaitedForByItsPort() throws IOException {
    try (GenericContainer<?> web = webServer().waitingFor(Wait.forListeningPort())) {
      web.start();

      assertEquals("hello\n", page(web));
      assertTrue(web.isRunning());
    }
  }

  @Test
  void container_isWaitedForByHttp() throws IOException {
    try (GenericContainer<?> web =
        webServer()
            .waitingFor(
                Wait.forHttp("/index.html")
                    .forStatusCode(200)
                    .forResponsePredicate(body -> body.startsWith("hello")))) {
      web.start();

      assertEquals("hello\n", page(web));
    }
  }

  @Test
  void container_isWaitedForByItsLog_andItsLogIsFollowed() {
    ToStringConsumer followed = new ToStringConsumer();
    try (GenericContainer<?> talker =
        container("sh", "-c", "echo begins; echo warns >&2; sleep 1; echo ready; sleep 1000")
            .withLogConsumer(followed)
            .waitingFor(Wait.forLogMessage("ready\\n", 1))) {
      talker.start();

      assertEquals("begins\nready\n", talker.getLogs(OutputFrame.OutputType.STDOUT));
      assertEquals("warns\n", talker.getLogs(OutputFrame.OutputType.STDERR));
      Eventually.holds(
          "the consumer's copy",
          SOON,
          () -> assertTrue(followed.toUtf8String().contains("ready"), followed::toUtf8String));
    }
  }

  @Test
  void image_isBuiltFromADockerfile_andItsHealthIsWaitedFor() throws Exception {
    ImageFromDockerfile image =
        new ImageFromDockerfile("testcontainers.test/healthy:1", true)
            .withFileFromString("message", "from the context\n")
            .withDockerfileFromBuilder(
                builder ->
                    builder
                        .from(node.busybox())
                        .copy("message", "/message")
                        .run("touch", "/built")
                        .cmd("sh", "-c", "sleep 1; touch /well; sleep 1000")
                        .build());
    Path dockerfile =
        Files.writeString(
            directory.resolve("Dockerfile"),
            "FROM "
                + image.get()
                + "\nHEALTHCHECK --interval=300ms --timeout=20s --retries=100 CMD test -e /well\n");
    try (GenericContainer<?> healthy =
        new GenericContainer<>(new ImageFromDockerfile().withDockerfile(dockerfile))
            .withStartupTimeout(Patience.of(SOON))
            .waitingFor(Wait.forHealthcheck())) {
      healthy.start();

      assertTrue(healthy.isHealthy());
      assertEquals(
          "from the context\n", healthy.execInContainer("cat", "/message", "/built").getStdout());
    }
  }

  @Test
  void containers_findEachOtherByAliasInANetwork() throws Exception {
    try (Network network = Network.newNetwork();
        GenericContainer<?> web = webServer().withNetwork(network).withNetworkAliases("site");
        GenericContainer<?> visitor = container("sleep", "1000").withNetwork(network)) {
      web.start();
      visitor.start();

      assertEquals(
          "hello\n",
          visitor.execInContainer("wget", "-q", "-O", "-", "http://site:8080/").getStdout());
    }
  }

  @Test
  void files_areCopiedInBeforeTheStartAndWhileItRuns_andOut() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "from a file\n");
    try (GenericContainer<?> box =
        container("sh", "-c", "cat /etc/given /tmp/tree/file; sleep 1000")
            .withCopyToContainer(Transferable.of("from memory\n"), "/etc/given")
            .withCopyFileToContainer(MountableFile.forHostPath(directory), "/tmp/tree")
            .waitingFor(Wait.forLogMessage("from a file\\n", 1))) {
      box.start();
      box.copyFileToContainer(MountableFile.forHostPath(file), "/tmp/later");

      assertEquals("from memory\nfrom a file\n", box.getLogs());
      Path back = directory.resolve("back");
      box.copyFileFromContainer("/tmp/later", back.toString());
      assertEquals("from a file\n", Files.readString(back));
    }
  }

  @Test
  void exec_tellsStreamsAndExitCode_withTheContainersEnvironment() throws Exception {
    try (GenericContainer<?> box =
        container("sleep", "1000")
            .withEnv("GREETING", "hello there")
            .withLabel("purpose", "trial")
            .withWorkingDirectory("/tmp")) {
      box.start();

      Container.ExecResult result =
          box.execInContainer("sh", "-c", "echo $GREETING; pwd; echo wrong >&2; exit 3");

      assertEquals("hello there\n/tmp\n", result.getStdout());
      assertEquals("wrong\n", result.getStderr());
      assertEquals(3, result.getExitCode());
      assertEquals("trial", box.getContainerInfo().getConfig().getLabels().get("purpose"));
    }
  }

  @Test
  void containerThatOnlyWorks_isWaitedForToItsEnd_andFailsTheStartIfItFails() {
    try (GenericContainer<?> good =
            container("echo", "done").withStartupCheckStrategy(new OneShotStartupCheckStrategy());
        GenericContainer<?> bad =
            container("sh", "-c", "echo broken; exit 5")
                .withStartupCheckStrategy(new OneShotStartupCheckStrategy())) {
      good.start();

      assertEquals("done\n", good.getLogs());
      assertThrows(ContainerLaunchException.class, bad::start);
    }
  }
}
