package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.tests.node.TestNode;
import io.gantry.tests.registry.DebianPackages;
import io.gantry.tests.registry.Digests;
import io.gantry.tests.registry.GantryRegistry;
import io.gantry.tests.registry.ManifestFormat;
import io.gantry.tests.registry.TestImage;
import io.gantry.tests.registry.TestImages;
import io.gantry.tests.registry.TestRegistry;
import io.gantry.tests.tools.Command;
import io.gantry.tests.tools.Eventually;
import io.gantry.tests.tools.Skopeo;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The registry with skopeo, Debian's docker-registry and Apache's htpasswd for peers. */
@Tag("root")
class RegistryIT {

  @TempDir static Path shared;
  private static TestRegistry debians;
  private static String busybox;

  @TempDir Path directory;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @BeforeAll
  static void debiansRegistryHasAnImage() {
    assumeTrue(TestNode.isGantry(), "containerd is no registry");
    debians = TestRegistry.open(shared);
    TestImages images = new TestImages(DebianPackages.ofThisUser());
    busybox = debians.push("test/busybox", "1", images.busybox());
    TestImage elsewhere = images.marked("elsewhere").architecture("s390x");
    debians.pushIndex(
        "test/index", "1", ManifestFormat.OCI, List.of(images.marked("here"), elsewhere));
    debians.push("test/docker", "1", images.marked("docker").as(ManifestFormat.DOCKER));
  }

  @AfterAll
  static void stopDebiansRegistry() {
    if (debians != null) {
      debians.close();
    }
  }

  private static String debian(String nameAndTag) {
    return "docker://" + debians.reference(nameAndTag);
  }

  private GantryRegistry registry(String... options) {
    return new GantryRegistry(directory.resolve("gantry"), options).start();
  }

  @Test
  void images_goFromDebiansRegistryToOursAndBackUnchanged() {
    try (GantryRegistry registry = registry()) {
      for (String image : List.of("test/busybox:1", "test/index:1", "test/docker:1")) {
        Skopeo.copy(debian(image), registry.reference(image)).orFail();
        assertEquals(Skopeo.digest(debian(image)), Skopeo.digest(registry.reference(image)), image);

        String back = image.replace("test/", "back/");
        Skopeo.copy(registry.reference(image), debian(back)).orFail();
        assertEquals(Skopeo.digest(debian(image)), Skopeo.digest(debian(back)), back);
      }
      assertEquals(List.of("1"), Skopeo.tags(registry.reference("test/busybox")));
    }
  }

  @Test
  void image_goesThroughADirectoryUnchanged() {
    try (GantryRegistry registry = registry()) {
      String layout = "oci:" + directory.resolve("layout") + ":1";
      Skopeo.copy(debian("test/busybox:1"), layout).orFail();
      Skopeo.copy(layout, registry.reference("from/layout:1")).orFail();
      assertEquals(busybox, Skopeo.digest(registry.reference("from/layout:1")));

      String again = "oci:" + directory.resolve("again") + ":1";
      Skopeo.copy(registry.reference("from/layout:1"), again).orFail();
      Command.of(
              "diff",
              "-r",
              directory.resolve("layout").toString(),
              directory.resolve("again").toString())
          .run()
          .orFail();
    }
  }

  @Test
  void blob_ofManyRepositories_isStoredOnce() {
    try (GantryRegistry registry = registry()) {
      Skopeo.copy(debian("test/busybox:1"), registry.reference("one:1")).orFail();
      List<String> blobs = registry.blobs();

      Skopeo.copy(debian("test/busybox:1"), registry.reference("two:1")).orFail();

      assertEquals(blobs, registry.blobs());
    }
  }

  @Test
  void parallelPushesOfOneImage_allSucceed() {
    try (GantryRegistry registry = registry()) {
      List<CompletableFuture<Command.Outcome>> pushes = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        String target = registry.reference("same:" + i);
        pushes.add(
            CompletableFuture.supplyAsync(
                () -> Skopeo.copy(debian("test/busybox:1"), target),
                task -> new Thread(task, target).start()));
      }

      pushes.forEach(push -> push.join().orFail());

      for (int i = 0; i < 5; i++) {
        assertEquals(busybox, Skopeo.digest(registry.reference("same:" + i)));
      }
      assertEquals(List.of("0", "1", "2", "3", "4"), Skopeo.tags(registry.reference("same")));
    }
  }

  @Test
  void deletedImage_freesItsBlobs() {
    try (GantryRegistry registry = registry()) {
      Skopeo.copy(debian("test/busybox:1"), registry.reference("a:1")).orFail();
      int before = registry.blobs().size();

      Command.of("skopeo", "delete", "--tls-verify=false", registry.reference("a:1"))
          .run()
          .orFail();

      assertFalse(
          Command.of("skopeo", "inspect", "--tls-verify=false", registry.reference("a:1"))
              .run()
              .succeeded());
      // What is deleted is the manifest; its blobs are the repository's own until deleted, too.
      Eventually.get(
          "one blob less, the manifest",
          Duration.ofSeconds(20),
          () -> registry.blobs().size(),
          now -> now == before - 1);
    }
  }

  @Test
  void users_ofApachesHtpasswd_haveTheRightsOfTheRules() throws Exception {
    Path users = directory.resolve("htpasswd");
    Command.of("htpasswd", "-B", "-b", "-c", users.toString(), "ci", "let me in").run().orFail();
    Command.of("htpasswd", "-B", "-b", users.toString(), "guest", "guest").run().orFail();
    Path configuration =
        Files.writeString(
            directory.resolve("registry.toml"),
            """
            [registry_server]
            rules = ["ci pull,push builds/**", "guest pull builds/public/*"]
            """);
    try (GantryRegistry registry =
        registry("--htpasswd", users.toString(), "--config", configuration.toString())) {
      String image = registry.reference("builds/public/a:1");
      assertFalse(Skopeo.copy(debian("test/busybox:1"), image).succeeded(), "without a password");
      Command.Outcome guest =
          Skopeo.copy(debian("test/busybox:1"), image, "--dest-creds", "guest:guest");
      assertFalse(guest.succeeded(), "without the right");
      Skopeo.copy(debian("test/busybox:1"), image, "--dest-creds", "ci:let me in").orFail();
      Skopeo.copy(image, "dir:" + directory.resolve("public"), "--src-creds", "guest:guest")
          .orFail();

      String secret = registry.reference("builds/secret:1");
      Skopeo.copy(debian("test/busybox:1"), secret, "--dest-creds", "ci:let me in").orFail();
      assertFalse(
          Skopeo.copy(secret, "dir:" + directory.resolve("secret"), "--src-creds", "guest:guest")
              .succeeded());
    }
  }

  @Test
  void tls_isWhatItsCertificateSays() throws Exception {
    Path authorities = Files.createDirectory(directory.resolve("authorities"));
    Path certificate = authorities.resolve("ca.crt");
    Path key = directory.resolve("key.pem");
    Command.of(
            ("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test"
                    + " -addext subjectAltName=IP:127.0.0.1 -keyout "
                    + key
                    + " -out "
                    + certificate)
                .split(" "))
        .run()
        .orFail();
    try (GantryRegistry registry =
        registry("--tls-cert", certificate.toString(), "--tls-key", key.toString())) {
      Skopeo.copy(
              debian("test/busybox:1"),
              registry.reference("a:1"),
              "--dest-cert-dir",
              authorities.toString())
          .orFail();
      Skopeo.copy(
              registry.reference("a:1"),
              "oci:" + directory.resolve("pulled") + ":1",
              "--src-cert-dir",
              authorities.toString())
          .orFail();
      assertEquals(busybox, Skopeo.digest(registry.reference("a:1")));
    }
  }

  @Test
  void uploadCutOffByAKill_goesOnWhereItStopped() throws Exception {
    byte[] blob = new byte[6_000_000];
    new Random(1).nextBytes(blob);
    String digest = Digests.sha256(blob);
    GantryRegistry registry = registry();
    String place = location(send(registry, "POST", "/v2/a/blobs/uploads/", new byte[0], 202));
    send(registry, "PATCH", place, Arrays.copyOf(blob, 1_000_000), 202);
    try (Socket socket = new Socket("127.0.0.1", registry.port())) {
      socket
          .getOutputStream()
          .write(
              ("PATCH " + place + " HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().write(blob, 1_000_000, 2_000_000);
      Eventually.get(
          "some of it is on disk",
          Duration.ofSeconds(20),
          () -> received(registry, place),
          now -> now > 1_000_000);
      registry.kill();
    }

    registry.start();
    try (registry) {
      int received = (int) received(registry, place);
      assertTrue(received > 1_000_000 && received <= 3_000_000, "received " + received);
      send(registry, "PATCH", place, Arrays.copyOfRange(blob, received, blob.length), 202);
      send(registry, "PUT", place + "?digest=" + digest, new byte[0], 201);
      assertArrayEquals(
          blob, send(registry, "GET", "/v2/a/blobs/" + digest, new byte[0], 200).body());
    }
  }

  private long received(GantryRegistry registry, String place) throws Exception {
    String range =
        send(registry, "GET", place, new byte[0], 204).headers().firstValue("Range").orElseThrow();
    return Long.parseLong(range.substring("0-".length())) + 1;
  }

  private static String location(HttpResponse<byte[]> response) {
    return response.headers().firstValue("Location").orElseThrow();
  }

  private HttpResponse<byte[]> send(
      GantryRegistry registry, String method, String path, byte[] body, int expected)
      throws IOException, InterruptedException {
    HttpResponse<byte[]> response =
        http.send(
            HttpRequest.newBuilder(URI.create("http://" + registry.host() + path))
                .method(
                    method,
                    body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body))
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());
    assertEquals(
        expected, response.statusCode(), () -> new String(response.body(), StandardCharsets.UTF_8));
    return response;
  }

  @Test
  void cache_servesWhatItsUpstreamHasAndHadWhenThatIsGone() {
    TestRegistry upstream = TestRegistry.open(directory.resolve("upstream"));
    upstream.push("test/cached", "1", new TestImages(DebianPackages.ofThisUser()).busybox());
    try (GantryRegistry cache = registry("--upstream", upstream.host())) {
      String image = cache.reference("test/cached:1");
      Skopeo.copy(image, "dir:" + directory.resolve("first")).orFail();
      Command.Outcome push = Skopeo.copy(debian("test/busybox:1"), cache.reference("test/own:1"));
      assertFalse(push.succeeded(), "a cache takes no pushes");

      upstream.close();
      Skopeo.copy(image, "dir:" + directory.resolve("second")).orFail();
      Command.of(
              "diff",
              "-r",
              directory.resolve("first").toString(),
              directory.resolve("second").toString())
          .run()
          .orFail();
    } finally {
      upstream.close();
    }
  }
}
