package io.gantry.image.distribution;

import static io.gantry.image.distribution.RegistryClientSide.MANIFEST;
import static io.gantry.image.distribution.RegistryClientSide.header;
import static io.gantry.image.distribution.RegistryClientSide.manifest;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.image.proxy.ProxyRules;
import io.gantry.image.reference.Digest;
import io.gantry.image.registry.CredentialSource;
import io.gantry.image.registry.Crew;
import io.gantry.image.registry.Patience;
import io.gantry.image.registry.RegistryClient;
import io.gantry.image.registry.RegistrySettings;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PullThroughTest {

  /** Gives up at the first failure. */
  private static final RegistrySettings SETTINGS =
      new RegistrySettings(
          "test",
          new Patience(
              Duration.ofSeconds(10),
              Duration.ofSeconds(10),
              0,
              1,
              Duration.ofMillis(1),
              Duration.ofMillis(1),
              Duration.ofSeconds(1)),
          32 << 20,
          1,
          ProxyRules.NONE);

  @TempDir Path directory;
  private RegistryRig upstream;
  private RegistryRig cache;
  private RegistryClientSide pusher;
  private RegistryClientSide client;

  @BeforeEach
  void start() throws Exception {
    upstream = new RegistryRig(directory.resolve("upstream"));
    pusher = upstream.start();
    cache = new RegistryRig(directory.resolve("cache"));
    cache.upstream =
        Optional.of(
            new ServerSettings.Upstream(
                "127.0.0.1:" + upstream.address().getPort(),
                new RegistryClient(List.of(), SETTINGS, CredentialSource.NONE, Crew.NONE)));
    client = cache.start();
  }

  @AfterEach
  void stop() {
    cache.close();
    upstream.close();
  }

  private static byte[] blob(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  @Test
  void image_comesThroughAndStays() throws Exception {
    byte[] layer = blob(3_000_000);
    Digest digest = pusher.pushImage("a/b", "v1", layer);

    assertEquals(digest, Digest.sha256(client.get("/v2/a/b/manifests/v1").body()));
    HttpResponse<byte[]> blob = client.get("/v2/a/b/blobs/" + Digest.sha256(layer));
    assertArrayEquals(layer, blob.body());
    assertEquals(Optional.of("3000000"), header(blob, "Content-Length"));

    upstream.close();
    assertEquals(digest, Digest.sha256(client.get("/v2/a/b/manifests/v1").body()));
    assertEquals(digest, Digest.sha256(client.get("/v2/a/b/manifests/" + digest).body()));
    assertArrayEquals(layer, client.get("/v2/a/b/blobs/" + Digest.sha256(layer)).body());
    pusher = upstream.start();
  }

  @Test
  void tag_isFollowedWhenItMoves() throws Exception {
    Digest first = pusher.pushImage("a", "latest", blob(10));
    assertEquals(first, Digest.sha256(client.get("/v2/a/manifests/latest").body()));

    Digest second = pusher.pushImage("a", "latest", blob(20));

    assertEquals(second, Digest.sha256(client.get("/v2/a/manifests/latest").body()));
    assertEquals(first, Digest.sha256(client.get("/v2/a/manifests/" + first).body()));
  }

  @Test
  void range_isTakenFromWhatArrives() throws Exception {
    byte[] layer = blob(100_000);
    pusher.pushImage("a", "v1", layer);
    client.get("/v2/a/manifests/v1");

    HttpResponse<byte[]> part =
        client.get("/v2/a/blobs/" + Digest.sha256(layer), "Range", "bytes=99000-");

    assertEquals(206, part.statusCode());
    assertArrayEquals(Arrays.copyOfRange(layer, 99_000, 100_000), part.body());
  }

  @Test
  void head_tellsTheSizeWithoutFetching() throws Exception {
    byte[] layer = blob(1000);
    pusher.pushImage("a", "v1", layer);
    client.get("/v2/a/manifests/v1");

    HttpResponse<byte[]> head =
        client.send("HEAD", "/v2/a/blobs/" + Digest.sha256(layer), new byte[0]);

    assertEquals(200, head.statusCode());
    assertEquals(Optional.of("1000"), header(head, "Content-Length"));
    assertEquals(1, cache.storage.content().list().size(), "the manifest alone");
  }

  @Test
  void blob_thatIsNotWhatItsDigestSays_isNeverSentWhole() throws Exception {
    byte[] layer = blob(1000);
    Digest digest = Digest.sha256(layer);
    pusher.pushImage("a", "v1", layer);
    client.get("/v2/a/manifests/v1");
    byte[] wrong = layer.clone();
    wrong[500]++;
    Files.write(directory.resolve("upstream/content/blobs/sha256").resolve(digest.hex()), wrong);

    assertThrows(IOException.class, () -> client.get("/v2/a/blobs/" + digest));

    assertTrue(cache.storage.content().list().stream().noneMatch(digest::equals));
  }

  @Test
  void whatTheOtherRegistryLacks_isNotFound() throws Exception {
    assertEquals(404, client.get("/v2/a/manifests/v1").statusCode());
    Digest none = Digest.sha256("x".getBytes(StandardCharsets.UTF_8));
    assertEquals(404, client.get("/v2/a/manifests/" + none).statusCode());
    assertEquals(404, client.get("/v2/a/blobs/" + none).statusCode());
  }

  @Test
  void unreachableRegistry_isToldAsThat() throws Exception {
    upstream.close();

    assertEquals(503, client.get("/v2/a/manifests/v1").statusCode());
    pusher = upstream.start();
  }

  @Test
  void cache_takesNoPushes() throws Exception {
    assertEquals(405, client.post("/v2/a/blobs/uploads/").statusCode());
  }

  @Test
  void cache_hasNothingOfOtherRegistries() throws Exception {
    Digest digest = pusher.pushImage("a", "v1", blob(10));
    String host = "127.0.0.1:" + upstream.address().getPort();

    assertEquals(404, client.get("/v2/a/manifests/v1?ns=docker.io").statusCode());
    HttpResponse<byte[]> own = client.get("/v2/a/manifests/v1?ns=" + host);
    assertEquals(digest, Digest.sha256(own.body()));
    assertEquals(Optional.of(host), header(own, "OCI-Namespace"));
  }

  @Test
  void manifest_whoseBlobsWereFetchedLongAgo_isEnoughToFetchThem() throws Exception {
    byte[] layer = blob(1000);
    pusher.pushImage("a", "v1", layer);
    byte[] other =
        manifest(
            pusher.push("a", "{}".getBytes(StandardCharsets.UTF_8)),
            Digest.sha256(layer),
            layer.length,
            ",\"x\":1");
    pusher.send("PUT", "/v2/a/manifests/v2", other, "Content-Type", MANIFEST);
    client.get("/v2/a/manifests/v1");

    client = cache.restart();

    assertArrayEquals(layer, client.get("/v2/a/blobs/" + Digest.sha256(layer)).body());
  }
}
