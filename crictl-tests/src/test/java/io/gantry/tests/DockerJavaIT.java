package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.BuildImageResultCallback;
import com.github.dockerjava.api.command.CreateContainerResponse;
import com.github.dockerjava.api.command.PullImageResultCallback;
import com.github.dockerjava.api.command.WaitContainerResultCallback;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.exception.NotModifiedException;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.Event;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Statistics;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import io.gantry.tests.node.TestNode;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** docker-java, the client that Java programs speak to engines with. */
@Tag("root")
class DockerJavaIT {
  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  @TempDir private Path directory;
  private DockerClient client;

  @BeforeEach
  void connect() {
    assumeTrue(TestNode.isGantry(), "the Docker Engine API is gantry's own");
    DefaultDockerClientConfig config =
        DefaultDockerClientConfig.createDefaultConfigBuilder()
            .withDockerHost("unix://" + node.directory().dockerSocket())
            .withDockerConfig(directory.toString())
            .build();
    client =
        DockerClientImpl.getInstance(
            config,
            new ZerodepDockerHttpClient.Builder().dockerHost(config.getDockerHost()).build());
  }

  @AfterEach
  void removeAll() throws Exception {
    if (client != null) {
      for (Container each : client.listContainersCmd().withShowAll(true).exec()) {
        client.removeContainerCmd(each.getId()).withForce(true).withRemoveVolumes(true).exec();
      }
      client.close();
    }
  }

  private String create(String... command) {
    CreateContainerResponse made =
        client
            .createContainerCmd(node.busybox())
            .withHostConfig(HostConfig.newHostConfig().withNetworkMode("none"))
            .withCmd(command)
            .exec();
    return made.getId();
  }

  private String start(String... command) {
    String id = create(command);
    client.startContainerCmd(id).exec();
    return id;
  }

  private int end(String id) {
    return client
        .waitContainerCmd(id)
        .exec(new WaitContainerResultCallback())
        .awaitStatusCode(60, TimeUnit.SECONDS);
  }

  /** What a stream of frames brings, until it ends. */
  private static final class Text extends ResultCallback.Adapter<Frame> {
    private final StringBuilder text = new StringBuilder();

    @Override
    public void onNext(Frame frame) {
      text.append(frame.getStreamType()).append(' ');
      text.append(new String(frame.getPayload(), StandardCharsets.UTF_8));
    }

    String whole() throws InterruptedException {
      assertTrue(awaitCompletion(60, TimeUnit.SECONDS), "the stream ends");
      return text.toString();
    }
  }

  @Test
  void engine_isKnown() {
    client.pingCmd().exec();

    assertEquals("linux", client.versionCmd().exec().getOperatingSystem());
    assertEquals("1.24", client.versionCmd().exec().getRawValues().get("MinAPIVersion"));
    assertEquals(0, client.infoCmd().exec().getContainersRunning());
  }

  @Test
  void container_livesFromCreateToRemove_andItsLogIsRead() throws Exception {
    String id = start("sh", "-c", "echo out; exit 4");

    assertEquals(4, end(id));
    assertEquals(
        "STDOUT out\n",
        client.logContainerCmd(id).withStdOut(true).withStdErr(true).exec(new Text()).whole());
    assertEquals(4L, client.inspectContainerCmd(id).exec().getState().getExitCodeLong());
    client.removeContainerCmd(id).exec();
    assertThrows(NotFoundException.class, () -> client.inspectContainerCmd(id).exec());
  }

  @Test
  void refusals_areTheExceptionsThatProgramsCatch() {
    String id = start("sleep", "1000");

    assertThrows(NotModifiedException.class, () -> client.startContainerCmd(id).exec());
    assertThrows(ConflictException.class, () -> client.removeContainerCmd(id).exec());
    assertThrows(NotFoundException.class, () -> client.killContainerCmd("nobody").exec());
    assertThrows(
        NotFoundException.class, () -> client.createContainerCmd("nowhere/nothing:1").exec());
    client.renameContainerCmd(id).withName("held").exec();
    assertThrows(
        ConflictException.class,
        () -> client.createContainerCmd(node.busybox()).withName("held").exec());
  }

  @Test
  void exec_hasStreamsInputAndAnExitCode() throws Exception {
    String id = start("sleep", "1000");
    String exec =
        client
            .execCreateCmd(id)
            .withCmd("sh", "-c", "read line; echo got $line; exit 6")
            .withAttachStdin(true)
            .withAttachStdout(true)
            .withAttachStderr(true)
            .exec()
            .getId();

    String text =
        client
            .execStartCmd(exec)
            .withStdIn(new ByteArrayInputStream("a line\n".getBytes(StandardCharsets.UTF_8)))
            .exec(new Text())
            .whole();

    assertEquals("STDOUT got a line\n", text);
    assertEquals(6L, client.inspectExecCmd(exec).exec().getExitCodeLong());
  }

  @Test
  void files_areCopiedAsArchives() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "copied\n");
    String id = create("cat", "/tmp/file");

    client
        .copyArchiveToContainerCmd(id)
        .withHostResource(file.toString())
        .withRemotePath("/tmp")
        .exec();

    client.startContainerCmd(id).exec();
    assertEquals(0, end(id));
    try (InputStream archive = client.copyArchiveFromContainerCmd(id, "/tmp/file").exec();
        TarArchiveInputStream entries = new TarArchiveInputStream(archive)) {
      assertEquals("file", entries.getNextEntry().getName());
      assertEquals("copied\n", new String(entries.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  @Test
  void image_isPulledBuiltTaggedAndRemoved() throws Exception {
    client.pullImageCmd(node.busybox()).exec(new PullImageResultCallback()).awaitCompletion();
    Path dockerfile =
        Files.writeString(
            directory.resolve("Dockerfile"),
            "FROM " + node.busybox() + "\nARG WHO\nLABEL who=$WHO\n");

    String id =
        client
            .buildImageCmd(dockerfile.toFile())
            .withBuildArg("WHO", "tester")
            .withTags(Set.of("docker-java.test/built:1"))
            .exec(new BuildImageResultCallback())
            .awaitImageId(60, TimeUnit.SECONDS);

    assertEquals(
        Map.of("who", "tester"), client.inspectImageCmd(id).exec().getConfig().getLabels());
    client.tagImageCmd(id, "docker-java.test/tagged", "2").exec();
    client.removeImageCmd("docker-java.test/built:1").exec();
    assertEquals(
        List.of("docker-java.test/tagged:2"), client.inspectImageCmd(id).exec().getRepoTags());
    client.removeImageCmd("docker-java.test/tagged:2").exec();
    assertThrows(NotFoundException.class, () -> client.inspectImageCmd(id).exec());
  }

  @Test
  void volumesAndNetworks_areMadeListedAndRemoved() {
    client.createVolumeCmd().withName("java").withLabels(Map.of("a", "b")).exec();
    assertEquals("local", client.inspectVolumeCmd("java").exec().getDriver());
    client.removeVolumeCmd("java").exec();
    assertThrows(NotFoundException.class, () -> client.inspectVolumeCmd("java").exec());

    String network = client.createNetworkCmd().withName("java").withInternal(true).exec().getId();
    assertEquals(true, client.inspectNetworkCmd().withNetworkId(network).exec().getInternal());
    client.removeNetworkCmd(network).exec();
    assertEquals(List.of(), client.listNetworksCmd().withNameFilter("java").exec());
  }

  /** Counts down what a stream brings. */
  private static final class Awaited<T> extends ResultCallback.Adapter<T> {
    private final Predicate<T> wanted;
    private final CountDownLatch missing;

    Awaited(int count, Predicate<T> wanted) {
      this.missing = new CountDownLatch(count);
      this.wanted = wanted;
    }

    @Override
    public void onNext(T item) {
      if (wanted.test(item)) {
        missing.countDown();
      }
    }

    void all() throws InterruptedException {
      assertTrue(missing.await(60, TimeUnit.SECONDS), "still missing: " + missing.getCount());
    }
  }

  @Test
  void eventsAndStatistics_areStreams() throws Exception {
    try (Awaited<Event> deaths =
        client.eventsCmd().withEventFilter("die").exec(new Awaited<>(1, event -> true))) {
      String id = start("sleep", "1000");
      try (Awaited<Statistics> measured =
          client.statsCmd(id).exec(new Awaited<>(2, now -> now.getPidsStats().getCurrent() == 1))) {
        measured.all();
      }
      client.killContainerCmd(id).exec();
      deaths.all();
    }
  }
}
