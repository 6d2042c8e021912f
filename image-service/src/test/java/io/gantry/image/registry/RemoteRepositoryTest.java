package io.gantry.image.registry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.image.content.Arrival;
import io.gantry.image.content.ContentStore;
import io.gantry.image.failure.ImageException;
import io.gantry.image.failure.ImageException.Kind;
import io.gantry.image.manifest.Descriptor;
import io.gantry.image.manifest.MediaTypes;
import io.gantry.image.proxy.ProxyRules;
import io.gantry.image.reference.Digest;
import io.gantry.image.reference.Reference;
import io.gantry.image.step.Steps;
import io.gantry.image.work.Cancellation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RemoteRepositoryTest {

  private static final RegistrySettings IMPATIENT =
      new RegistrySettings(
          "gantry-test",
          new Patience(
              Duration.ofSeconds(5),
              Duration.ofMillis(300),
              0,
              3,
              Duration.ofMillis(5),
              Duration.ofMillis(50),
              Duration.ofSeconds(5)),
          32 << 20,
          4,
          ProxyRules.NONE);
  private static final Credentials NOBODY = new Credentials.Anonymous();
  private static final Credentials ANN = new Credentials.Password("ann", "secret-pass");
  private static final String MANIFEST = "{\"schemaVersion\":2,\"config\":{},\"layers\":[]}";

  @TempDir Path directory;
  private TestRegistry registry;
  private ContentStore store;
  private final Cancellation running = new Cancellation();
  private final byte[] large = new byte[300_000];

  @BeforeEach
  void start() throws IOException {
    registry = new TestRegistry();
    registry.manifest("a", "1", MediaTypes.OCI_MANIFEST, MANIFEST);
    store = ContentStore.open(directory.resolve("content"), Steps.UNOBSERVED);
    new Random(1).nextBytes(large);
    registry.blob("a", large);
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private RemoteRepository open(Credentials credentials) throws IOException {
    return open(registry.host(), credentials);
  }

  private RemoteRepository open(String host, Credentials credentials) throws IOException {
    RegistryClient client =
        new RegistryClient(
            List.of(directory.resolve("certs.d")), IMPATIENT, CredentialSource.NONE, Crew.NONE);
    return client.open(Reference.parse(host + "/a:1"), credentials);
  }

  private String resolve(Credentials credentials) throws IOException {
    return new String(open(credentials).resolve(running).bytes(), StandardCharsets.UTF_8);
  }

  private ImageException refused(Credentials credentials) {
    return assertThrows(ImageException.class, () -> resolve(credentials));
  }

  private void download(RemoteRepository repository, Descriptor blob) throws IOException {
    try (Arrival arrival = store.arrive(blob.digest(), blob.sizeBytes(), running)) {
      repository.blob(blob, new TestSink(arrival), running);
    }
  }

  private void downloadLarge() throws IOException {
    download(
        open(NOBODY),
        new Descriptor("layer", Digest.sha256(large), large.length, Optional.empty()));
    assertArrayEquals(large, store.read(Digest.sha256(large), large.length));
  }

  private void hosts(String registryDirectory, String toml) throws IOException {
    Path file = directory.resolve("certs.d").resolve(registryDirectory).resolve("hosts.toml");
    Files.createDirectories(file.getParent());
    Files.writeString(file, toml);
  }

  @Test
  void resolve_asksOnce_withoutPing_andNamesWhatItTakes() throws Exception {
    assertEquals(MANIFEST, resolve(NOBODY));
    assertEquals(1, registry.requests().size());
    assertTrue(registry.requests().get(0).header("Accept").contains(MediaTypes.OCI_INDEX));
    assertEquals("gantry-test", registry.requests().get(0).header("User-agent"));
  }

  @Test
  void head_tellsTheDigestWithoutFetching() throws Exception {
    assertEquals(
        Optional.of(Digest.sha256(MANIFEST.getBytes(StandardCharsets.UTF_8))),
        open(NOBODY).head(running));
    assertEquals(0, registry.count("GET", "/"));
  }

  @Test
  void missing_isNotFound_inTheRegistrysWords() throws Exception {
    RemoteRepository repository =
        new RegistryClient(List.of(), IMPATIENT, CredentialSource.NONE, Crew.NONE)
            .open(Reference.parse(registry.host() + "/a:none"), NOBODY);
    ImageException e = assertThrows(ImageException.class, () -> repository.resolve(running));
    assertEquals(Kind.NOT_FOUND, e.kind());
    assertTrue(
        e.getMessage().contains("/a:none") && e.getMessage().contains("MANIFEST_UNKNOWN"),
        e.getMessage());
  }

  @Test
  void unreachable_isUnavailable_andNotTriedForLong() throws Exception {
    registry.close();
    ImageException e = refused(NOBODY);
    assertEquals(Kind.UNAVAILABLE, e.kind());
    assertTrue(
        e.getMessage().contains("http://" + registry.host() + " could not be reached"),
        e.getMessage());
  }

  private void requireBasic() {
    String right =
        "Basic "
            + Base64.getEncoder()
                .encodeToString("ann:secret-pass".getBytes(StandardCharsets.UTF_8));
    registry.misbehave(
        exchange -> {
          if (right.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            return false;
          }
          exchange.getResponseHeaders().add("WWW-Authenticate", "Basic realm=\"r\"");
          TestRegistry.respond(exchange, 401, new byte[0]);
          return true;
        });
  }

  @Test
  void basic_isAnsweredWithThePassword_onlyWhenAsked() throws Exception {
    requireBasic();
    assertEquals(MANIFEST, resolve(ANN));
    assertEquals("", registry.requests().get(0).header("Authorization"));
    assertEquals(2, registry.requests().size());
  }

  @Test
  void basic_refused_isUnauthorized_withoutTheSecret() throws Exception {
    requireBasic();
    ImageException wrong = refused(new Credentials.Password("ann", "wrong-secret"));
    assertEquals(Kind.UNAUTHORIZED, wrong.kind());
    assertFalse(wrong.getMessage().contains("wrong-secret"));
    assertEquals(Kind.UNAUTHORIZED, refused(NOBODY).kind());
  }

  /**
   * Asks for a bearer token and has a token server answer with {@code tokens} in turn; only the
   * last is good.
   */
  private void requireToken(String answerKey, String... tokens) {
    int[] given = {0};
    registry.misbehave(
        exchange -> {
          if (exchange.getRequestURI().getPath().equals("/token")) {
            String token = tokens[Math.min(given[0]++, tokens.length - 1)];
            TestRegistry.respond(
                exchange,
                200,
                ("{\"" + answerKey + "\":\"" + token + "\"}").getBytes(StandardCharsets.UTF_8));
            return true;
          }
          if (("Bearer " + tokens[tokens.length - 1])
              .equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            return false;
          }
          String realm = "http://" + registry.host() + "/token";
          exchange
              .getResponseHeaders()
              .add(
                  "WWW-Authenticate",
                  "Bearer realm=\"" + realm + "\",service=\"s v\",scope=\"repository:a:pull\"");
          TestRegistry.respond(exchange, 401, new byte[0]);
          return true;
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"token", "access_token"})
  void token_isFetchedAnonymously(String key) throws Exception {
    requireToken(key, "t1");
    assertEquals(MANIFEST, resolve(NOBODY));
    TestRegistry.Request asked = registry.requests().get(1);
    assertEquals("service=s+v&scope=repository%3Aa%3Apull", asked.query());
    assertEquals("", asked.header("Authorization"));
  }

  @Test
  void token_isFetchedWithThePassword_whichTheRegistryNeverSees() throws Exception {
    requireToken("token", "t1");
    resolve(ANN);
    assertTrue(registry.requests().get(1).header("Authorization").startsWith("Basic "));
    assertTrue(registry.requests().get(1).query().contains("account=ann"));
    assertEquals("Bearer t1", registry.requests().get(2).header("Authorization"));
  }

  @Test
  void token_thatHasExpired_isFetchedAnew() throws Exception {
    requireToken("token", "expired", "t2");
    assertEquals(MANIFEST, resolve(NOBODY));
    assertEquals(2, registry.count("GET", "/token"));
  }

  @Test
  void token_thatIsNeverGood_endsUnauthorized() throws Exception {
    requireToken("token", "bad", "bad", "bad", "bad", "bad", "good");
    assertEquals(Kind.UNAUTHORIZED, refused(NOBODY).kind());
    assertTrue(registry.requests().size() < 10);
  }

  @Test
  void identityToken_isPostedAsRefreshToken() throws Exception {
    requireToken("access_token", "t1");
    assertEquals(MANIFEST, resolve(new Credentials.IdentityToken("refresh-me")));
    assertEquals(1, registry.count("POST", "/token"));
  }

  @Test
  void registryToken_isSentAtOnce() throws Exception {
    resolve(new Credentials.RegistryToken("given"));
    assertEquals("Bearer given", registry.requests().get(0).header("Authorization"));
  }

  @Test
  void tokenServer_thatRefuses_isUnauthorized() throws Exception {
    registry.failing(9, "/token", 401);
    registry.failing(
        9,
        "/manifests/",
        401,
        "WWW-Authenticate",
        "Bearer realm=\"http://" + registry.host() + "/token\"");
    assertEquals(Kind.UNAUTHORIZED, refused(ANN).kind());
  }

  @Test
  void secrets_stayOutOfText() {
    String text =
        ANN + " " + new Credentials.IdentityToken("hush") + new Credentials.RegistryToken("hush");
    assertFalse(text.contains("secret-pass") || text.contains("hush"), text);
  }

  @Test
  void redirect_dropsTheCredentials_onAnotherHost() throws Exception {
    try (TestRegistry storage = new TestRegistry()) {
      storage.blob("a", large);
      requireBasic();
      registry.misbehave(
          exchange -> {
            if (!exchange.getRequestURI().getPath().contains("/blobs/")) {
              return false;
            }
            exchange
                .getResponseHeaders()
                .add(
                    "Location",
                    "http://" + storage.host() + exchange.getRequestURI().getPath() + "?signed=1");
            TestRegistry.respond(exchange, 307, new byte[0]);
            return true;
          });
      download(
          open(ANN), new Descriptor("layer", Digest.sha256(large), large.length, Optional.empty()));
      assertEquals("signed=1", storage.requests().get(0).query());
      assertEquals("", storage.requests().get(0).header("Authorization"));
    }
  }

  @Test
  void redirectsInCircles_end() throws Exception {
    registry.failing(100, "/manifests/", 302, "Location", "/v2/a/manifests/1");
    assertEquals(Kind.CORRUPT, refused(NOBODY).kind());
    assertTrue(registry.requests().size() < 20);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://x/y", "file:///etc/passwd", "http:///nohost"})
  void redirectsToElsewhere_areRefused(String location) throws Exception {
    registry.failing(100, "/manifests/", 302, "Location", location);
    assertEquals(Kind.CORRUPT, refused(NOBODY).kind());
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 502, 503, 429})
  void failuresThatMayPass_areTriedAgain(int status) throws Exception {
    registry.failing(2, "/manifests/", status, "Retry-After", "0");
    assertEquals(MANIFEST, resolve(NOBODY));
    assertEquals(3, registry.requests().size());
  }

  @Test
  void failuresThatStay_areUnavailable() throws Exception {
    registry.failing(99, "/manifests/", 503);
    assertEquals(Kind.UNAVAILABLE, refused(NOBODY).kind());
    assertEquals(3, registry.requests().size());
  }

  @Test
  void retryAfter_longerThanOurPatience_endsAtOnce() throws Exception {
    registry.failing(99, "/manifests/", 429, "Retry-After", "3600");
    assertEquals(Kind.UNAVAILABLE, refused(NOBODY).kind());
    assertEquals(1, registry.requests().size());
  }

  @Test
  void manifest_ofOtherContent_isRefused() throws Exception {
    Digest wanted = Digest.sha256("wanted".getBytes(StandardCharsets.UTF_8));
    registry.misbehave(
        exchange -> {
          TestRegistry.respond(exchange, 200, "something else".getBytes(StandardCharsets.UTF_8));
          return true;
        });
    RemoteRepository repository = open(NOBODY);
    ImageException e =
        assertThrows(
            ImageException.class,
            () ->
                repository.manifest(
                    new Descriptor(MediaTypes.OCI_MANIFEST, wanted, 6, Optional.empty()), running));
    assertEquals(Kind.CORRUPT, e.kind());
  }

  @Test
  void manifest_tooLarge_isRefused() throws Exception {
    registry.misbehave(
        exchange -> {
          TestRegistry.respond(exchange, 200, new byte[RemoteRepository.DOCUMENT_LIMIT_BYTES + 1]);
          return true;
        });
    assertEquals(Kind.CORRUPT, refused(NOBODY).kind());
  }

  @Test
  void brokenConnection_isResumedByRange() throws Exception {
    int[] breaks = {2};
    registry.misbehave(
        exchange -> {
          String range = exchange.getRequestHeaders().getFirst("Range");
          int start = range == null ? 0 : Integer.parseInt(range.replaceAll("bytes=|-.*", ""));
          if (breaks[0]-- <= 0) {
            return false;
          }
          exchange
              .getResponseHeaders()
              .add(
                  "Content-Range",
                  "bytes " + start + "-" + (large.length - 1) + "/" + large.length);
          exchange.sendResponseHeaders(range == null ? 200 : 206, large.length - start);
          exchange.getResponseBody().write(large, start, 100_000);
          exchange.getResponseBody().flush();
          exchange.close();
          return true;
        });
    downloadLarge();
    assertEquals(
        List.of("", "bytes=", "bytes="),
        registry.requests().stream().map(r -> r.header("Range").replaceAll("[0-9-]", "")).toList());
    assertFalse(registry.requests().get(1).header("Range").equals("bytes=0-"));
  }

  @Test
  void resume_whereTheServerBeginsAnew_skipsWhatIsThere() throws Exception {
    int[] breaks = {1};
    registry.misbehave(
        exchange -> {
          exchange.sendResponseHeaders(200, large.length);
          exchange.getResponseBody().write(large, 0, breaks[0]-- > 0 ? 100_000 : large.length);
          exchange.getResponseBody().flush();
          exchange.close();
          return true;
        });
    downloadLarge();
    assertEquals(2, registry.requests().size());
  }

  @Test
  void stall_countsAsBroken() throws Exception {
    int[] stalls = {1};
    registry.misbehave(
        exchange -> {
          if (stalls[0]-- <= 0) {
            return false;
          }
          exchange.sendResponseHeaders(200, large.length);
          exchange.getResponseBody().write(large, 0, 50_000);
          exchange.getResponseBody().flush();
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException stopped) {
            return true;
          }
          return true;
        });
    downloadLarge();
    assertEquals(2, registry.requests().size());
  }

  @Test
  void blob_thatNeverComes_isUnavailable_andNothingStays() throws Exception {
    registry.misbehave(
        exchange -> {
          exchange.sendResponseHeaders(200, large.length);
          exchange.close();
          return true;
        });
    ImageException e = assertThrows(ImageException.class, this::downloadLarge);
    assertEquals(Kind.UNAVAILABLE, e.kind());
    // Whichever notices first, the HTTP client or the reader of its answer.
    assertTrue(
        e.getMessage().contains("ended after 0 of 300000 bytes")
            || e.getMessage().contains("300000, bytes received: 0"),
        e.getMessage());
    assertTrue(store.list().isEmpty());
  }

  @Test
  void blob_ofOtherContentOrLength_isRefused() throws Exception {
    byte[] other = large.clone();
    other[7]++;
    for (byte[] wrong :
        List.of(
            other, Arrays.copyOf(large, large.length + 1), Arrays.copyOf(large, 10), new byte[0])) {
      registry.corrupt("a", Digest.sha256(large), wrong);
      ImageException e = assertThrows(ImageException.class, this::downloadLarge);
      assertEquals(Kind.CORRUPT, e.kind(), e.getMessage());
      assertTrue(store.list().isEmpty());
    }
  }

  @Test
  void endlessBody_isCutOff() throws Exception {
    registry.misbehave(
        exchange -> {
          exchange.sendResponseHeaders(200, 0); // chunked
          byte[] chunk = new byte[10_000];
          while (true) {
            exchange.getResponseBody().write(chunk);
          }
        });
    assertEquals(Kind.CORRUPT, assertThrows(ImageException.class, this::downloadLarge).kind());
  }

  @Test
  void cancellation_endsAStalledDownload() throws Exception {
    registry.misbehave(
        exchange -> {
          exchange.sendResponseHeaders(200, large.length);
          exchange.getResponseBody().write(large, 0, 50_000);
          exchange.getResponseBody().flush();
          running.cancel();
          return true;
        });
    assertEquals(Kind.CANCELLED, assertThrows(ImageException.class, this::downloadLarge).kind());
  }

  @Test
  void mirror_isAskedFirst_withTheNamespace_withoutCredentials() throws Exception {
    try (TestRegistry mirror = new TestRegistry()) {
      mirror.manifest("a", "1", MediaTypes.OCI_MANIFEST, MANIFEST);
      hosts(
          registry.host(),
          "[host.\"http://" + mirror.host() + "\"]\ncapabilities = [\"pull\", \"resolve\"]\n");
      mirror.failing(1, "/", 401, "WWW-Authenticate", "Basic realm=\"r\"");
      assertEquals(MANIFEST, resolve(ANN));
      assertEquals("ns=" + registry.host().replace(":", "%3A"), mirror.requests().get(0).query());
      assertTrue(mirror.requests().stream().allMatch(r -> r.header("Authorization").isEmpty()));
      assertEquals(1, registry.requests().size()); // The mirror refused, so the registry was asked.
    }
  }

  @Test
  void mirror_thatFails_isFallenThrough_forManifestsAndBlobs() throws Exception {
    try (TestRegistry mirror = new TestRegistry()) {
      mirror.misbehave(
          exchange -> {
            TestRegistry.respond(exchange, 500, new byte[0]);
            return true;
          });
      hosts(registry.host(), "[host.\"http://" + mirror.host() + "\"]\n");
      assertEquals(MANIFEST, resolve(NOBODY));
      downloadLarge();
    }
  }

  @Test
  void mirror_withOtherContent_isFallenThrough() throws Exception {
    try (TestRegistry mirror = new TestRegistry()) {
      mirror.corrupt("a", Digest.sha256(large), new byte[large.length]);
      hosts(registry.host(), "[host.\"http://" + mirror.host() + "\"]\n");
      downloadLarge();
    }
  }

  @Test
  void mirror_withoutResolve_isNotAskedForTags() throws Exception {
    try (TestRegistry mirror = new TestRegistry()) {
      mirror.blob("a", large);
      hosts(
          registry.host(), "[host.\"http://" + mirror.host() + "\"]\ncapabilities = [\"pull\"]\n");
      resolve(NOBODY);
      downloadLarge();
      assertEquals(0, mirror.count("GET", "/manifests/"));
      assertEquals(1, mirror.count("GET", "/blobs/"));
    }
  }

  @Test
  void failures_ofAllHosts_areTold_andTheRegistrysOwnDecides() throws Exception {
    hosts(registry.host(), "[host.\"http://127.0.0.1:1\"]\n");
    registry.failing(99, "/manifests/", 404);
    ImageException e = refused(NOBODY);
    assertEquals(Kind.NOT_FOUND, e.kind());
    assertTrue(e.getMessage().contains("127.0.0.1:1 could not be reached"), e.getMessage());
  }

  @Test
  void hostsToml_headersAndOverridePath_areUsed() throws Exception {
    hosts(
        "example.com",
        "[host.\"http://"
            + registry.host()
            + "/v2/proxy\"]\noverride_path = true\n[host.\"http://"
            + registry.host()
            + "/v2/proxy\".header]\nx-key = [\"k\"]\n");
    registry.manifest("proxy/a", "1", MediaTypes.OCI_MANIFEST, MANIFEST);
    open("example.com", NOBODY).resolve(running);
    assertEquals("/v2/proxy/a/manifests/1", registry.requests().get(0).path());
    assertEquals("k", registry.requests().get(0).header("X-key"));
    assertEquals("ns=example.com", registry.requests().get(0).query());
  }
}
