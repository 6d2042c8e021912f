package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.tests.node.TestNode;
import io.gantry.tests.registry.Digests;
import io.gantry.tests.registry.TestImage;
import io.gantry.tests.tools.Command;
import io.gantry.tests.tools.Eventually;
import io.gantry.tests.tools.Skopeo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A node that asks for signatures, and images signed with openssl's keys. */
@Tag("root")
class SignedImagesIT {

  @RegisterExtension static final TestNode node = TestNode.empty();

  @TempDir static Path directory;

  /** Images below test/signed need a signature by the tests' key, all others none. */
  @BeforeAll
  static void askForSignatures() throws IOException {
    assumeTrue(TestNode.isGantry(), "gantry's own abilities");
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "key.pem");
    openssl("ec", "-in", "key.pem", "-pubout", "-out", "key.pub");
    Path policy = directory.resolve("policy.json");
    Files.writeString(
        policy,
        """
        {"default": [{"type": "insecureAcceptAnything"}],
         "transports": {"docker": {"%s/test/signed": [
           {"type": "sigstoreSigned", "keyPath": "%s"}]}}}
        """
            .formatted(node.registry().open().host(), directory.resolve("key.pub")));
    Path configuration = node.directory().path().resolve("gantry.toml");
    Files.writeString(
        configuration,
        Files.readString(configuration)
            .replace("[images]", "[images]\nsignature_policy = \"" + policy + "\""));
    Command.of("kill", "-HUP", Long.toString(node.runtime().process().pid())).run().orFail();
    String image = unsigned("signed/by-nobody-yet");
    Eventually.holds(
        "the policy is in force",
        Duration.ofSeconds(30),
        () -> assertEquals(1, node.crictl().run("pull", image).exitCode()));
  }

  @AfterEach
  void removeImages() {
    node.crictl().run("rmi", "--all");
  }

  private static String unsigned(String name) {
    TestImage image = node.registry().images().marked(name);
    node.registry().open().push("test/" + name, "1", image);
    return node.registry().open().reference("test/" + name + ":1");
  }

  private static void openssl(String... words) {
    Command.of(
            Stream.concat(Stream.of("env", "-C", directory.toString(), "openssl"), Stream.of(words))
                .toList())
        .run()
        .orFail();
  }

  /** Signs what a registry has, as cosign does, and puts that beside it. */
  private static void sign(String image) throws IOException {
    String digest = Skopeo.digest("docker://" + image);
    Path layout = Files.createTempDirectory(directory, "layout");
    String payload =
        blob(
            layout,
            "{\"critical\":{\"identity\":{\"docker-reference\":\""
                + image
                + "\"},\"image\":{\"docker-manifest-digest\":\""
                + digest
                + "\"},\"type\":\"cosign container image signature\"},\"optional\":null}",
            "application/vnd.dev.cosign.simplesigning.v1+json");
    String hex = payload.replaceAll(".*sha256:([0-9a-f]{64}).*", "$1");
    Path text = layout.resolve("blobs/sha256/" + hex);
    openssl("dgst", "-sha256", "-sign", "key.pem", "-out", "signature", text.toString());
    String signature =
        Base64.getEncoder().encodeToString(Files.readAllBytes(directory.resolve("signature")));
    String manifest =
        blob(
            layout,
            "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"config\":"
                + blob(layout, "{}", "application/vnd.oci.image.config.v1+json")
                + ",\"layers\":["
                + payload.substring(0, payload.length() - 1)
                + ",\"annotations\":{\"dev.cosignproject.cosign/signature\":\""
                + signature
                + "\"}}]}",
            "application/vnd.oci.image.manifest.v1+json");
    Files.writeString(
        layout.resolve("index.json"), "{\"schemaVersion\":2,\"manifests\":[" + manifest + "]}");
    Files.writeString(layout.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
    String repository = image.substring(0, image.lastIndexOf(':'));
    Skopeo.copy("oci:" + layout, "docker://" + repository + ":" + digest.replace(':', '-') + ".sig")
        .orFail();
  }

  /** Writes a blob of a layout, and answers its descriptor. */
  private static String blob(Path layout, String content, String mediaType) throws IOException {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    String digest = Digests.sha256(bytes);
    Path blobs = Files.createDirectories(layout.resolve("blobs/sha256"));
    Files.write(blobs.resolve(digest.substring("sha256:".length())), bytes);
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
        .formatted(mediaType, digest, bytes.length);
  }

  @Test
  void whatOpensslHasSigned_isPulled() throws IOException {
    String image = unsigned("signed/by-the-key");
    sign(image);
    node.crictl().out("pull", image);
    assertTrue(node.crictl().out("images").contains("test/signed/by-the-key"));
  }

  @Test
  void unsigned_isRefusedInTheKubeletsWord_andNothingIsKept() throws IOException {
    String image = unsigned("signed/by-nobody");
    long before = blobs();
    String refusal = node.crictl().refusal("pull", image);
    assertTrue(refusal.contains("desc = SignatureValidationFailed: pull image " + image), refusal);
    assertEquals(before, blobs());
    assertFalse(node.crictl().out("images").contains("by-nobody"));
  }

  @Test
  void imagesOfOtherRepositories_needNone() {
    node.crictl().out("pull", unsigned("unasked"));
  }

  private static long blobs() throws IOException {
    try (Stream<Path> all = Files.list(node.directory().root().resolve("content/blobs/sha256"))) {
      return all.count();
    }
  }
}
