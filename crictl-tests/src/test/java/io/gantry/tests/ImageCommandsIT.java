package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.registry.ManifestFormat;
import io.gantry.tests.registry.TestImage;
import io.gantry.tests.registry.TestRegistry;
import io.gantry.tests.tools.Eventually;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Images under crictl: pull, images, inspecti, rmi, imagefsinfo. */
@Tag("root")
class ImageCommandsIT {

  @RegisterExtension static final TestNode node = TestNode.empty();

  // "gantry-secret" by bcrypt, which is the only form docker-registry reads.
  private static final TestRegistry.Credentials KNOWN =
      new TestRegistry.Credentials(
          "reader",
          "gantry-secret",
          "$2a$04$fbLNZb1EhXNupILLgZaTBO.YrlpL/UVg8Bi6pX.xSc9Vg7se4TBuO");

  @AfterEach
  void removeImages() {
    node.crictl().run("rmi", "--all");
  }

  @Test
  void pull_bringsTheImageWithItsConfigurationDigestAsId() {
    node.crictl().out("pull", node.busybox());

    JsonNode status = node.crictl().json("inspecti", node.busybox()).get("status");
    assertEquals(node.registry().images().busybox().id(), status.get("id").asText());
    assertEquals(List.of(node.busybox()), texts(status.get("repoTags")));
    assertEquals(
        List.of(repository("test/busybox") + "@" + node.registry().images().busybox().digest()),
        texts(status.get("repoDigests")));
    assertTrue(status.get("size").asLong() > 500_000, "size " + status.get("size"));
  }

  @Test
  void pull_ofTheSameImageAgainSucceeds() {
    assertEquals(
        node.crictl().out("pull", node.busybox()), node.crictl().out("pull", node.busybox()));
    assertEquals(1, listed().size());
  }

  @Test
  void pull_withoutTagMeansLatest() {
    push("untagged", "latest", node.registry().images().marked("untagged"));

    node.crictl().out("pull", repository("test/untagged"));

    assertEquals(
        List.of(repository("test/untagged") + ":latest"),
        texts(inspect(repository("test/untagged")).get("repoTags")));
  }

  @Test
  void pull_byDigestHasNoTag() {
    String reference =
        repository("test/busybox") + "@" + node.registry().images().busybox().digest();

    node.crictl().out("pull", reference);

    assertEquals(List.of(), texts(inspect(reference).get("repoTags")));
    assertEquals(List.of(reference), texts(inspect(reference).get("repoDigests")));
  }

  @Test
  void pull_choosesThisMachinesArchitectureFromAnIndex() {
    TestImage here = node.registry().images().marked("here");
    TestImage elsewhere = node.registry().images().marked("elsewhere").architecture("s390x");
    String index =
        node.registry()
            .open()
            .pushIndex("test/index", "1", ManifestFormat.OCI, List.of(elsewhere, here));

    node.crictl().out("pull", repository("test/index") + ":1");

    JsonNode status = inspect(repository("test/index") + ":1");
    assertEquals(here.id(), status.get("id").asText());
    assertEquals(List.of(repository("test/index") + "@" + index), texts(status.get("repoDigests")));
  }

  @Test
  void pull_readsDockerManifestsAndLists() {
    TestImage image = node.registry().images().marked("docker").as(ManifestFormat.DOCKER);
    push("docker", "plain", image);
    node.registry().open().pushIndex("test/docker", "list", ManifestFormat.DOCKER, List.of(image));

    node.crictl().out("pull", repository("test/docker") + ":plain");
    node.crictl().out("pull", repository("test/docker") + ":list");

    assertEquals(image.id(), inspect(repository("test/docker") + ":plain").get("id").asText());
    assertEquals(
        List.of(repository("test/docker") + ":list", repository("test/docker") + ":plain"),
        texts(inspect(repository("test/docker") + ":list").get("repoTags")));
  }

  @Test
  void pull_throughAMirrorKeepsTheNameThatWasAskedFor() {
    node.crictl().out("pull", "registry.k8s.io/pause:3.9");

    assertEquals(
        List.of("registry.k8s.io/pause:3.9"),
        texts(inspect("registry.k8s.io/pause:3.9").get("repoTags")));
  }

  @Test
  void pull_withCredentialsOpensAGuardedRegistry(@TempDir Path directory) {
    try (TestRegistry guarded = TestRegistry.guarded(directory, KNOWN)) {
      node.directory().mirror(guarded.host(), guarded.url());
      guarded.push("secret", "1", node.registry().images().marked("secret"));
      String reference = guarded.reference("secret:1");

      String anonymous = node.crictl().refusal("pull", reference);
      assertTrue(
          anonymous.matches("(?si).*(401|unauthorized|authentication|authorization).*"), anonymous);

      String wrong = node.crictl().refusal("pull", "--creds", "reader:wrong", reference);
      assertFalse(wrong.contains("wrong:") || wrong.contains("reader:wrong"), wrong);

      node.crictl().out("pull", "--creds", "reader:gantry-secret", reference);
      assertEquals(List.of(reference), texts(inspect(reference).get("repoTags")));
    }
  }

  @Test
  void images_listsEveryTagAndDigest() {
    push("tags", "1", node.registry().images().marked("tags"));
    push("tags", "2", node.registry().images().marked("tags"));
    node.crictl().out("pull", repository("test/tags") + ":1");
    node.crictl().out("pull", repository("test/tags") + ":2");

    JsonNode only = listed().get(0);

    assertEquals(1, listed().size());
    assertEquals(
        List.of(repository("test/tags") + ":1", repository("test/tags") + ":2"),
        texts(only.get("repoTags")));
  }

  @Test
  void inspecti_tellsTheUserAndTheImagesConfiguration() {
    push("user-id", "1", node.registry().images().marked("a").user("1002:1004"));
    push("user-name", "1", node.registry().images().marked("b").user("www-data"));

    node.crictl().out("pull", repository("test/user-id") + ":1");
    node.crictl().out("pull", repository("test/user-name") + ":1");

    assertEquals("1002", inspect(repository("test/user-id") + ":1").at("/uid/value").asText());
    assertEquals("www-data", inspect(repository("test/user-name") + ":1").at("/username").asText());
    assertEquals(
        "www-data",
        node.crictl()
            .json("inspecti", repository("test/user-name") + ":1")
            .at("/info/imageSpec/config/User")
            .asText());
  }

  @Test
  void inspecti_findsAnImageByTheBeginningOfItsId() {
    node.crictl().out("pull", node.busybox());
    String id = node.registry().images().busybox().id();

    assertEquals(id, inspect(id.substring("sha256:".length(), 20)).get("id").asText());
  }

  @Test
  void rmi_byOneTagRemovesTheImageWithAllItsTags() {
    push("tags", "1", node.registry().images().marked("tags"));
    push("tags", "2", node.registry().images().marked("tags"));
    node.crictl().out("pull", repository("test/tags") + ":1");
    node.crictl().out("pull", repository("test/tags") + ":2");

    node.crictl().out("rmi", repository("test/tags") + ":1");

    assertEquals(List.of(), listed());
  }

  @Test
  void rmi_leavesOtherImagesThatShareLayers() {
    node.crictl().out("pull", node.busybox());
    push("marked", "1", node.registry().images().marked("marked"));
    node.crictl().out("pull", repository("test/marked") + ":1");

    node.crictl().out("rmi", repository("test/marked") + ":1");

    assertEquals(
        List.of(node.busybox()),
        listed().stream().flatMap(image -> texts(image.get("repoTags")).stream()).toList());
    try (TestPod pod = TestPod.run(node)) {
      assertEquals("whole\n", pod.output("left", config -> {}, "echo whole"));
    }
  }

  @Test
  void imagefsinfo_growsWithAnImage() {
    long before = usedBytes();
    node.crictl().out("pull", node.busybox());

    // A runtime may count from time to time instead of at once.
    Eventually.get("more bytes used", Duration.ofSeconds(15), this::usedBytes, now -> now > before);
  }

  private long usedBytes() {
    JsonNode info = node.crictl().json("imagefsinfo");
    return info.at("/status/imageFilesystems/0/usedBytes/value").asLong();
  }

  private static void push(String name, String tag, TestImage image) {
    node.registry().open().push("test/" + name, tag, image);
  }

  private static String repository(String name) {
    return node.registry().open().reference(name);
  }

  private static JsonNode inspect(String reference) {
    return node.crictl().json("inspecti", reference).get("status");
  }

  private static List<JsonNode> listed() {
    return StreamSupport.stream(
            node.crictl().json("images", "-o", "json").get("images").spliterator(), false)
        .toList();
  }

  private static List<String> texts(JsonNode array) {
    return Optional.ofNullable(array).stream()
        .flatMap(node -> StreamSupport.stream(node.spliterator(), false))
        .map(JsonNode::asText)
        .sorted()
        .toList();
  }
}
