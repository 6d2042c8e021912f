package io.gantry.image.distribution;

import static io.gantry.image.distribution.RegistryClientSide.MANIFEST;
import static io.gantry.image.distribution.RegistryClientSide.header;
import static io.gantry.image.distribution.RegistryClientSide.location;
import static io.gantry.image.distribution.RegistryClientSide.manifest;
import static io.gantry.image.distribution.RegistryClientSide.text;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.image.distribution.repository.Pruning;
import io.gantry.image.distribution.repository.Repository;
import io.gantry.image.distribution.repository.RepositoryName;
import io.gantry.image.reference.Digest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RegistryServerTest {

  private static final byte[] CONFIG = "{}".getBytes(StandardCharsets.UTF_8);

  @TempDir Path directory;
  private RegistryRig rig;
  private RegistryClientSide client;

  @BeforeEach
  void start() throws Exception {
    rig = new RegistryRig(directory);
    client = rig.start();
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  private static byte[] blob(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  @Test
  void image_comesBackAsItWasPushed() throws Exception {
    Digest digest = client.pushImage("a/b", "v1", blob(300_000));

    HttpResponse<byte[]> manifest = client.get("/v2/a/b/manifests/v1");
    assertEquals(200, manifest.statusCode());
    assertEquals(digest, Digest.sha256(manifest.body()));
    assertEquals(Optional.of(MANIFEST), header(manifest, "Content-Type"));
    assertEquals(Optional.of(digest.toString()), header(manifest, "Docker-Content-Digest"));
    HttpResponse<byte[]> layer = client.get("/v2/a/b/blobs/" + Digest.sha256(blob(300_000)));
    assertArrayEquals(blob(300_000), layer.body());
    assertEquals("{\"name\":\"a/b\",\"tags\":[\"v1\"]}", text(client.get("/v2/a/b/tags/list")));
    assertEquals("{\"repositories\":[\"a/b\"]}", text(client.get("/v2/_catalog")));
  }

  @Test
  void blob_isNotToBeHadThroughARepositoryThatDoesNotHaveIt() throws Exception {
    Digest digest = client.push("private/repo", blob(1000));

    HttpResponse<byte[]> other = client.get("/v2/other/blobs/" + digest);
    assertEquals(404, other.statusCode());
    assertTrue(text(other).contains("BLOB_UNKNOWN"), text(other));
    HttpResponse<byte[]> put =
        client.send(
            "PUT",
            "/v2/other/manifests/v1",
            manifest(client.push("other", CONFIG), digest, 1000, ""),
            "Content-Type",
            MANIFEST);
    assertEquals(404, put.statusCode());
    assertTrue(text(put).contains("MANIFEST_BLOB_UNKNOWN"), text(put));
  }

  @Test
  void blob_ofTwoRepositories_isStoredOnceAndStaysUntilBothForgetIt() throws Exception {
    Digest digest = client.push("one", blob(1000));
    assertEquals(
        201, client.post("/v2/two/blobs/uploads/?mount=" + digest + "&from=one").statusCode());
    assertEquals(List.of(digest), List.copyOf(rig.storage.content().list()));

    assertEquals(202, client.delete("/v2/one/blobs/" + digest).statusCode());
    rig.storage.collector().collect();
    assertEquals(404, client.get("/v2/one/blobs/" + digest).statusCode());
    assertEquals(200, client.get("/v2/two/blobs/" + digest).statusCode());

    assertEquals(202, client.delete("/v2/two/blobs/" + digest).statusCode());
    rig.storage.collector().collect();
    assertFalse(rig.storage.content().has(digest));
  }

  @Test
  void mount_ofWhatIsNotThere_becomesAnUpload() throws Exception {
    HttpResponse<byte[]> answer =
        client.post("/v2/two/blobs/uploads/?mount=" + Digest.sha256(CONFIG) + "&from=one");

    assertEquals(202, answer.statusCode());
    assertTrue(location(answer).startsWith("/v2/two/blobs/uploads/"), location(answer));
  }

  @Test
  void upload_goesOnAfterARestartWhereItStopped() throws Exception {
    byte[] blob = blob(500_000);
    Digest digest = Digest.sha256(blob);
    String place = client.begin("a");
    client.send("PATCH", place, Arrays.copyOf(blob, 200_000));

    client = rig.restart();
    HttpResponse<byte[]> status = client.get(place);
    assertEquals(204, status.statusCode());
    assertEquals(Optional.of("0-199999"), header(status, "Range"));
    HttpResponse<byte[]> rest =
        client.send(
            "PATCH",
            place,
            Arrays.copyOfRange(blob, 200_000, 500_000),
            "Content-Range",
            "200000-499999");
    assertEquals(202, rest.statusCode());
    assertEquals(201, client.send("PUT", place + "?digest=" + digest, new byte[0]).statusCode());
    assertArrayEquals(blob, client.get("/v2/a/blobs/" + digest).body());
    assertEquals(404, client.get(place).statusCode());
  }

  @Test
  void upload_refusesAChunkThatLeavesAHole() throws Exception {
    String place = client.begin("a");
    client.send("PATCH", place, blob(100));

    HttpResponse<byte[]> answer = client.send("PATCH", place, blob(10), "Content-Range", "200-209");

    assertEquals(416, answer.statusCode());
    assertEquals(Optional.of("0-99"), header(answer, "Range"));
    assertEquals(Optional.of(place), header(answer, "Location"));
  }

  @Test
  void upload_withAnotherDigest_isRefusedAndGone() throws Exception {
    String place = client.begin("a");

    HttpResponse<byte[]> answer =
        client.send("PUT", place + "?digest=" + Digest.sha256(CONFIG), blob(100));

    assertEquals(400, answer.statusCode());
    assertTrue(text(answer).contains("DIGEST_INVALID"), text(answer));
    assertEquals(404, client.get(place).statusCode());
    assertEquals(List.of(), List.copyOf(rig.storage.content().list()));
  }

  @Test
  void upload_canBeCancelled() throws Exception {
    String place = client.begin("a");

    assertEquals(204, client.delete(place).statusCode());

    assertEquals(404, client.get(place).statusCode());
  }

  @Test
  void upload_isKnownToItsOwnRepositoryOnly() throws Exception {
    String place = client.begin("a");

    assertEquals(404, client.get(place.replace("/v2/a/", "/v2/b/")).statusCode());
    assertEquals(204, client.get(place).statusCode());
  }

  @Test
  void upload_beyondTheLimit_isRefused() throws Exception {
    byte[] tooLarge = blob((int) RegistryRig.BLOB_LIMIT_BYTES + 1);

    HttpResponse<byte[]> answer =
        client.send("PUT", client.begin("a") + "?digest=" + Digest.sha256(tooLarge), tooLarge);

    assertEquals(413, answer.statusCode());
    assertTrue(text(answer).contains("SIZE_INVALID"), text(answer));
  }

  @Test
  void parallelPushesOfOneBlob_allSucceed() throws Exception {
    byte[] blob = blob(2_000_000);
    List<CompletableFuture<Digest>> pushes = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      pushes.add(
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return rig.client().push("a", blob);
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                }
              },
              task -> new Thread(task).start()));
    }

    for (CompletableFuture<Digest> push : pushes) {
      assertEquals(Digest.sha256(blob), push.get());
    }
    assertArrayEquals(blob, client.get("/v2/a/blobs/" + Digest.sha256(blob)).body());
    assertEquals(1, rig.storage.content().list().size());
  }

  @Test
  void range_isServed() throws Exception {
    byte[] blob = blob(1000);
    String path = "/v2/a/blobs/" + client.push("a", blob);

    HttpResponse<byte[]> middle = client.get(path, "Range", "bytes=100-199");
    assertEquals(206, middle.statusCode());
    assertEquals(Optional.of("bytes 100-199/1000"), header(middle, "Content-Range"));
    assertArrayEquals(Arrays.copyOfRange(blob, 100, 200), middle.body());
    assertArrayEquals(
        Arrays.copyOfRange(blob, 990, 1000), client.get(path, "Range", "bytes=-10").body());
    assertArrayEquals(
        Arrays.copyOfRange(blob, 990, 1000), client.get(path, "Range", "bytes=990-2000").body());
    HttpResponse<byte[]> beyond = client.get(path, "Range", "bytes=1000-");
    assertEquals(416, beyond.statusCode());
    assertEquals(Optional.of("bytes */1000"), header(beyond, "Content-Range"));
    assertEquals(200, client.get(path, "Range", "bytes=0-1,5-6").statusCode());
    assertEquals(
        200, client.get(path, "Range", "bytes=1-2", "If-Range", "\"another\"").statusCode());
  }

  @Test
  void conditionalRequest_sparesTheContent() throws Exception {
    Digest digest = client.pushImage("a", "v1", blob(10));
    String tag = header(client.get("/v2/a/manifests/v1"), "ETag").orElseThrow();

    HttpResponse<byte[]> same = client.get("/v2/a/manifests/v1", "If-None-Match", tag);
    assertEquals(304, same.statusCode());
    assertEquals(Optional.of(digest.toString()), header(same, "Docker-Content-Digest"));
    assertEquals(
        200, client.get("/v2/a/manifests/v1", "If-None-Match", "\"another\"").statusCode());
    Digest layer = Digest.sha256(blob(10));
    assertEquals(
        304, client.get("/v2/a/blobs/" + layer, "If-None-Match", "\"" + layer + "\"").statusCode());
  }

  @Test
  void head_tellsWhatGetWouldSend() throws Exception {
    Digest layer = client.push("a", blob(1234));

    HttpResponse<byte[]> head = client.send("HEAD", "/v2/a/blobs/" + layer, new byte[0]);

    assertEquals(200, head.statusCode());
    assertEquals(Optional.of("1234"), header(head, "Content-Length"));
    assertEquals(0, head.body().length);
  }

  @Test
  void manifest_isRefusedIfItIsTwoThingsAtOnce() throws Exception {
    Digest config = client.push("a", CONFIG);

    HttpResponse<byte[]> answer =
        client.send(
            "PUT",
            "/v2/a/manifests/v1",
            manifest(config, config, 2, ",\"manifests\":[]"),
            "Content-Type",
            MANIFEST);

    assertEquals(400, answer.statusCode());
    assertTrue(text(answer).contains("MANIFEST_INVALID"), text(answer));
  }

  @Test
  void manifest_beyondTheLimit_isRefused() throws Exception {
    HttpResponse<byte[]> answer =
        client.send(
            "PUT",
            "/v2/a/manifests/v1",
            new byte[RegistryRig.MANIFEST_LIMIT_BYTES + 1],
            "Content-Type",
            MANIFEST);

    assertEquals(413, answer.statusCode());
  }

  @Test
  void deletedManifest_takesItsTagsAlongAndLeavesItsBlobs() throws Exception {
    Digest digest = client.pushImage("a", "v1", blob(10));
    client.pushImage("a", "v2", blob(20));

    assertEquals(202, client.delete("/v2/a/manifests/" + digest).statusCode());

    assertEquals(404, client.get("/v2/a/manifests/v1").statusCode());
    assertEquals("{\"name\":\"a\",\"tags\":[\"v2\"]}", text(client.get("/v2/a/tags/list")));
    assertEquals(200, client.get("/v2/a/blobs/" + Digest.sha256(blob(10))).statusCode());
  }

  @Test
  void deletedTag_leavesTheManifest() throws Exception {
    Digest digest = client.pushImage("a", "v1", blob(10));

    assertEquals(202, client.delete("/v2/a/manifests/v1").statusCode());

    assertEquals(404, client.get("/v2/a/manifests/v1").statusCode());
    assertEquals(200, client.get("/v2/a/manifests/" + digest).statusCode());
  }

  @Test
  void tags_comeInPages() throws Exception {
    for (String tag : List.of("b", "a", "c", "B")) {
      client.pushImage("a", tag, blob(10));
    }

    HttpResponse<byte[]> first = client.get("/v2/a/tags/list?n=2");
    assertEquals("{\"name\":\"a\",\"tags\":[\"B\",\"a\"]}", text(first));
    assertEquals(Optional.of("</v2/a/tags/list?n=2&last=a>; rel=\"next\""), header(first, "Link"));
    HttpResponse<byte[]> second = client.get("/v2/a/tags/list?n=2&last=a");
    assertEquals("{\"name\":\"a\",\"tags\":[\"b\",\"c\"]}", text(second));
    assertEquals(Optional.empty(), header(second, "Link"));
    assertEquals("{\"name\":\"a\",\"tags\":[]}", text(client.get("/v2/a/tags/list?n=0")));
    assertEquals(404, client.get("/v2/nothing/tags/list").statusCode());
  }

  @Test
  void referrers_areListedByArtifactType() throws Exception {
    Digest subject = client.pushImage("a", "v1", blob(10));
    byte[] signature =
        manifest(
            client.push("a", CONFIG),
            client.push("a", CONFIG),
            2,
            ",\"artifactType\":\"a/signature\",\"annotations\":{\"by\":\"me\"},\"subject\":{\"mediaType\":\""
                + MANIFEST
                + "\",\"digest\":\""
                + subject
                + "\",\"size\":1}");
    HttpResponse<byte[]> put =
        client.send(
            "PUT",
            "/v2/a/manifests/" + Digest.sha256(signature),
            signature,
            "Content-Type",
            MANIFEST);
    assertEquals(Optional.of(subject.toString()), header(put, "OCI-Subject"));

    String all = text(client.get("/v2/a/referrers/" + subject));
    assertTrue(all.contains(Digest.sha256(signature).toString()), all);
    assertTrue(all.contains("\"artifactType\":\"a/signature\""), all);
    assertTrue(all.contains("\"annotations\":{\"by\":\"me\"}"), all);
    HttpResponse<byte[]> other =
        client.get("/v2/a/referrers/" + subject + "?artifactType=a%2Fother");
    assertEquals(Optional.of("artifactType"), header(other, "OCI-Filters-Applied"));
    assertTrue(text(other).endsWith("\"manifests\":[]}"), text(other));

    client.delete("/v2/a/manifests/" + Digest.sha256(signature));
    assertTrue(text(client.get("/v2/a/referrers/" + subject)).endsWith("\"manifests\":[]}"));
  }

  @Test
  void blobsThatNoManifestNames_areForgottenAfterTheTimeOfAPush() throws Exception {
    Digest image = client.pushImage("a", "v1", blob(10));
    Digest left = client.push("a", blob(20));
    Pruning pruning = new Pruning(rig.storage.repositories(), rig.storage.content());

    assertFalse(pruning.run(Instant.now().minusSeconds(3600)), "too young to go");
    assertTrue(pruning.run(Instant.now().plusSeconds(1)));
    assertEquals(404, client.get("/v2/a/blobs/" + left).statusCode());
    assertEquals(200, client.get("/v2/a/blobs/" + Digest.sha256(blob(10))).statusCode());

    client.delete("/v2/a/manifests/" + image);
    pruning.run(Instant.now().plusSeconds(1));
    rig.storage.collector().collect();
    assertEquals(List.of(), List.copyOf(rig.storage.content().list()));
  }

  @Test
  void blobThatAClientAskedFor_isNotForgottenBeforeItsManifestComes() throws Exception {
    Digest digest = client.push("a", blob(10));
    Repository repository = rig.storage.repositories().get(new RepositoryName("a"));
    // Times of files are coarser than the clock.
    Instant afterPush = Instant.now().plusMillis(100);
    while (Instant.now().isBefore(afterPush.plusMillis(100))) {
      Thread.onSpinWait();
    }
    assertEquals(200, client.send("HEAD", "/v2/a/blobs/" + digest, new byte[0]).statusCode());

    new Pruning(rig.storage.repositories(), rig.storage.content()).run(afterPush);

    assertTrue(repository.hasBlob(digest));
  }

  @Test
  void uploadThatTakesTooLong_isGivenUp() throws Exception {
    String place = client.begin("a");
    rig.clock = Clock.offset(Clock.systemUTC(), Duration.ofHours(2));
    client = rig.restart();

    while (client.get(place).statusCode() != 404) {
      Thread.onSpinWait(); // Until housekeeping comes by, which it does at once.
    }
  }

  @Test
  void readOnlyRegistry_servesAndRefusesChanges() throws Exception {
    client.pushImage("a", "v1", blob(10));
    rig.readOnly = true;
    client = rig.restart();

    assertEquals(200, client.get("/v2/a/manifests/v1").statusCode());
    HttpResponse<byte[]> push = client.post("/v2/a/blobs/uploads/");
    assertEquals(405, push.statusCode());
    assertTrue(text(push).contains("UNSUPPORTED"), text(push));
    assertEquals(405, client.delete("/v2/a/manifests/v1").statusCode());
  }

  @Test
  void names_mayHoldTheWordsOfPaths() throws Exception {
    client.pushImage("manifests/blobs/uploads/tags", "list", blob(10));

    assertEquals(200, client.get("/v2/manifests/blobs/uploads/tags/manifests/list").statusCode());
    assertEquals(
        "{\"name\":\"manifests/blobs/uploads/tags\",\"tags\":[\"list\"]}",
        text(client.get("/v2/manifests/blobs/uploads/tags/tags/list")));
  }

  @Test
  void paths_cannotLeaveTheRegistry() throws Exception {
    assertEquals(400, client.get("/v2/a/..%2F..%2Fcontent/tags/list").statusCode());
    assertEquals(404, client.get("/v2/a/manifests/..%2F_blobs").statusCode());
    assertEquals(400, client.get("/v2/_blobs/tags/list").statusCode());
  }
}
