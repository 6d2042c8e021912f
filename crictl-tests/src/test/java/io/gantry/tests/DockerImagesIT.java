package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.registry.TestImage;
import io.gantry.tests.tools.Command;
import io.gantry.tests.tools.Skopeo;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The real docker command and images. */
@Tag("root")
class DockerImagesIT {

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  @TempDir static Path directory;
  private TestImage image;
  private String name;
  private String digest;

  @BeforeEach
  void push() {
    assumeTrue(TestNode.isGantry(), "the Engine API is gantry's");
    assumeTrue(Files.isExecutable(Path.of("/usr/local/bin/docker")) || inPath(), "no docker here");
    image = node.registry().images().marked("docker");
    digest = node.registry().open().push("test/docker", "1", image);
    name = node.registry().open().reference("test/docker:1");
  }

  private static boolean inPath() {
    return Files.isExecutable(Path.of("/usr/bin/docker"));
  }

  @AfterEach
  void removeImages() {
    node.crictl().run("rmi", image.id());
  }

  private static Command.Outcome run(byte[] stdin, String... words) {
    List<String> all = new ArrayList<>(List.of("docker"));
    all.addAll(List.of(words));
    return Command.of(all)
        .with(
            Map.of(
                "DOCKER_HOST",
                "unix://" + node.directory().state().resolve("docker.sock"),
                "DOCKER_CONFIG",
                directory.resolve("config").toString()))
        .reading(stdin)
        .run();
  }

  private static String docker(String... words) {
    return run(new byte[0], words).orFail().stdout();
  }

  @Test
  void pull_list_inspect_history() {
    String out = docker("pull", name);
    assertTrue(out.contains("1: Pulling from test/docker"), out);
    assertTrue(out.contains("Digest: " + digest), out);
    assertTrue(out.contains("Status: Downloaded newer image for " + name), out);
    assertTrue(docker("pull", name).contains("Status: Image is up to date for " + name));
    assertEquals(name + "\n", docker("pull", "--quiet", name));

    String repository = name.substring(0, name.lastIndexOf(':'));
    assertEquals(
        repository + " 1 " + image.id() + "\n",
        docker(
            "images",
            "--no-trunc",
            "--filter",
            "reference=" + repository,
            "--format",
            "{{.Repository}} {{.Tag}} {{.ID}}"));
    assertEquals(image.id() + "\n", docker("images", "-q", "--no-trunc", name));
    assertEquals(
        "[" + name + "] linux\n", docker("inspect", "--format", "{{.RepoTags}} {{.Os}}", name));
    assertEquals(
        image.layers().size() + "\n",
        docker("image", "inspect", "--format", "{{len .RootFS.Layers}}", image.id()));
    assertEquals(
        image.layers().size(), docker("history", "-q", "--no-trunc", name).lines().count());
  }

  @Test
  void distribution_tellsWhatTheRegistryHas() throws IOException {
    JsonNode found = distribution(name);
    assertEquals(digest, found.at("/Descriptor/digest").asText());
    assertTrue(found.at("/Descriptor/mediaType").asText().contains("manifest"), found::toString);
    assertTrue(found.at("/Descriptor/size").asLong() > 0, found::toString);
    assertEquals(1, found.path("Platforms").size(), found::toString);
    assertEquals("linux", found.at("/Platforms/0/os").asText());
    String unknown = node.registry().open().reference("test/none:1");
    assertTrue(distribution(unknown).path("message").asText().contains("test/none"));
  }

  /** No command of docker's shows it. */
  private static JsonNode distribution(String image) throws IOException {
    Path socket = node.directory().state().resolve("docker.sock");
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      String request =
          "GET /v1.43/distribution/"
              + image
              + "/json HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n";
      channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
      byte[] answer = Channels.newInputStream(channel).readAllBytes();
      String text = new String(answer, StandardCharsets.UTF_8);
      return new ObjectMapper().readTree(text.substring(text.indexOf('{')));
    }
  }

  @Test
  void unknownImages_areTold() {
    Command.Outcome missing = run(new byte[0], "image", "inspect", "nothing:1");
    assertEquals(1, missing.exitCode());
    assertTrue(missing.stderr().contains("No such image: nothing:1"), missing.stderr());
    String unknown = node.registry().open().reference("test/none:1");
    Command.Outcome pull = run(new byte[0], "pull", unknown);
    assertEquals(1, pull.exitCode(), pull::toString);
    assertTrue(pull.stderr().contains("test/none"), pull.stderr());
    assertEquals(1, run(new byte[0], "rmi", "nothing:1").exitCode());
    assertEquals(1, run(new byte[0], "tag", "nothing:1", "other:1").exitCode());
    assertEquals(1, run(new byte[0], "push", "nothing:1").exitCode());
    Command.Outcome load = run("no archive".getBytes(), "load");
    assertEquals(1, load.exitCode(), load::toString);
  }

  @Test
  void tag_push_rmi() {
    docker("pull", name);
    String other = node.registry().open().reference("test/docker-pushed:2");
    docker("tag", name, other);
    String out = docker("push", other);
    assertTrue(out.contains("2: digest: " + digest + " size: "), out);
    assertEquals(digest, Skopeo.digest("docker://" + other));

    String untagged = docker("rmi", other);
    assertTrue(untagged.contains("Untagged: " + other), untagged);
    assertFalse(untagged.contains("Deleted: "), untagged);
    String deleted = docker("rmi", name);
    assertTrue(deleted.contains("Untagged: " + name + "\n"), deleted);
    assertTrue(deleted.contains("Deleted: " + image.id()), deleted);
    assertEquals("", docker("images", "-q", name));
  }

  @Test
  void save_load_import_prune() throws IOException {
    docker("pull", name);
    Path file = directory.resolve("saved.tar");
    docker("save", "--output", file.toString(), name);
    docker("rmi", name);
    assertEquals("Loaded image: " + name + "\n", docker("load", "--input", file.toString()));
    assertEquals(image.id() + "\n", docker("images", "-q", "--no-trunc", name));

    Path root = Files.createDirectories(directory.resolve("root/etc"));
    Files.writeString(root.resolve("hello"), "hello\n");
    Path tar = directory.resolve("root.tar");
    Command.of("tar", "-C", root.getParent().toString(), "-cf", tar.toString(), "etc")
        .run()
        .orFail();
    String id = docker("import", "--change", "CMD [\"sh\"]", tar.toString(), "imported:1").strip();
    assertTrue(id.matches("sha256:[0-9a-f]{64}"), id);
    assertEquals("[sh]\n", docker("inspect", "--format", "{{.Config.Cmd}}", "imported:1"));

    docker("tag", name, "imported:1");
    String pruned = docker("image", "prune", "--force");
    assertTrue(pruned.contains(id), pruned);
    docker("rmi", "imported:1");
  }
}
