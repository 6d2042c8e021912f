package io.gantry.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.image.credential.NodeCredentials;
import io.gantry.image.failure.ImageException;
import io.gantry.image.failure.ImageException.Kind;
import io.gantry.image.manifest.MediaTypes;
import io.gantry.image.manifest.Platform;
import io.gantry.image.reference.Digest;
import io.gantry.image.registry.RegistrySettings;
import io.gantry.image.registry.TestRegistry;
import io.gantry.image.signature.Signatures;
import io.gantry.image.signature.Signer;
import io.gantry.image.step.Steps;
import io.gantry.image.tree.MemoryTrees;
import io.gantry.image.unpack.Archive;
import io.gantry.image.unpack.UnpackLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pulls on a node with a policy for signatures. */
class SignedPullTest {

  private static final byte[] LAYER = new Archive().file("f", "content").tar();

  @TempDir Path directory;
  private final Signer signer;
  private TestRegistry registry;
  private LocalImages images;
  private Optional<Path> policy = Optional.empty();

  SignedPullTest() throws Exception {
    signer = new Signer(Signer.Algorithm.ECDSA);
  }

  @BeforeEach
  void start() throws IOException {
    registry = new TestRegistry();
    ImagesSettings settings =
        new ImagesSettings(
            directory.resolve("images"),
            List.of(),
            new Parallelism(2, 16, 2),
            new Platform("linux", "amd64", ""),
            RegistrySettings.DEFAULT,
            NodeCredentials.Settings.NONE,
            UnpackLimits.DEFAULT);
    images =
        LocalImages.open(
            settings.withSignatures(new Signatures(() -> policy)),
            new MemoryTrees(),
            Clock.systemUTC(),
            Steps.UNOBSERVED);
  }

  @AfterEach
  void stop() {
    images.close();
    registry.close();
  }

  private Digest serve(String tag) {
    return registry.image("team/a", tag, List.of(Archive.gzip(LAYER)), List.of(LAYER), "{}");
  }

  private String name(String rest) {
    return registry.host() + "/team/a" + rest;
  }

  private ImageRecord pull(String rest) throws Exception {
    return images.pull(PullRequest.anonymous(name(rest))).get(20, TimeUnit.SECONDS);
  }

  private void require(String requirement) throws IOException {
    policy = Optional.of(directory.resolve("policy.json"));
    Files.writeString(
        policy.get(),
        "{\"default\":[{\"type\":\"insecureAcceptAnything\"}],\"transports\":{\"docker\":{\""
            + registry.host()
            + "/team\":["
            + requirement
            + "]}}}");
  }

  private void requireSignature() throws IOException {
    Path key = signer.publicKey(directory.resolve("key.pub"));
    require("{\"type\":\"sigstoreSigned\",\"keyPath\":\"" + key + "\"}");
  }

  private String refused(String rest) {
    ExecutionException e = assertThrows(ExecutionException.class, () -> pull(rest));
    ImageException refusal = assertInstanceOf(ImageException.class, e.getCause());
    assertEquals(Kind.UNTRUSTED, refusal.kind(), refusal.getMessage());
    return refusal.getMessage();
  }

  private int blobs() throws IOException {
    try (var files = Files.list(directory.resolve("images/content/blobs/sha256"))) {
      return (int) files.count();
    }
  }

  @Test
  void image_isPulledIfOneOfTheKeysHasSignedIt() throws Exception {
    Digest image = serve("1");
    signer.sign(registry, "team/a", image, name(":1"));
    requireSignature();
    assertEquals(List.of(name(":1")), pull(":1").repoTags());
  }

  @Test
  void unsigned_isRefused_andNothingOfItIsFetchedOrKept() throws Exception {
    Digest image = serve("1");
    requireSignature();
    String words = refused(":1");
    assertTrue(words.contains("no signature of " + image), words);
    assertEquals(0, registry.count("GET", "/blobs/"));
    assertEquals(0, blobs());
    assertEquals(List.of(), images.list());
  }

  @Test
  void signedByAnother_isRefused() throws Exception {
    Digest image = serve("1");
    new Signer(Signer.Algorithm.ECDSA).sign(registry, "team/a", image, name(":1"));
    requireSignature();
    String words = refused(":1");
    assertTrue(words.contains("made by no key of the policy"), words);
  }

  @Test
  void signatureOfAnotherImage_isRefused() throws Exception {
    Digest signed = registry.image("team/a", "old", List.of(), List.of(), "{}");
    Digest image = serve("1");
    // The old image's signature, served for the new one.
    signer.sign(registry, "team/a", signed, name(":1"));
    registry.misbehave(
        exchange -> {
          String path = exchange.getRequestURI().getPath();
          if (!path.endsWith("/sha256-" + image.hex() + ".sig")) {
            return false;
          }
          exchange.getResponseHeaders().add("Location", path.replace(image.hex(), signed.hex()));
          TestRegistry.respond(exchange, 307, new byte[0]);
          return true;
        });
    requireSignature();
    String words = refused(":1");
    assertTrue(words.contains("made for " + signed), words);
  }

  @Test
  void signatureForAnotherTag_isRefused() throws Exception {
    Digest image = serve("1");
    signer.sign(registry, "team/a", image, name(":2"));
    requireSignature();
    String words = refused(":1");
    assertTrue(words.contains("made for the name \"" + name(":2") + "\""), words);
  }

  @Test
  void byDigest_aSignatureForTheRepositoryCounts() throws Exception {
    Digest image = serve("1");
    signer.sign(registry, "team/a", image, name(":2"));
    requireSignature();
    assertEquals(List.of(), pull("@" + image).repoTags());
  }

  @Test
  void indexThatIsSigned_vouchesForItsImages() throws Exception {
    Digest image = serve("1");
    int size = registry.manifestSize("team/a", "1");
    Digest index =
        registry.manifest(
            "team/a",
            "multi",
            MediaTypes.OCI_INDEX,
            "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\""
                + MediaTypes.OCI_MANIFEST
                + "\",\"digest\":\""
                + image
                + "\",\"size\":"
                + size
                + ",\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}}]}");
    signer.sign(registry, "team/a", index, name(":multi"));
    requireSignature();
    assertEquals(List.of(name(":multi")), pull(":multi").repoTags());
  }

  @Test
  void referrer_countsAsTheTagDoes() throws Exception {
    Digest image = serve("1");
    signer.refer(registry, "team/a", image, name(":1"));
    requireSignature();
    assertEquals(List.of(name(":1")), pull(":1").repoTags());
  }

  @Test
  void imageThatIsHere_isNotPulledAgainOnceThePolicyIsAgainstIt() throws Exception {
    serve("1");
    pull(":1");
    requireSignature();
    refused(":1");
  }

  @Test
  void signedImageThatIsHere_isFoundCurrent() throws Exception {
    Digest image = serve("1");
    signer.sign(registry, "team/a", image, name(":1"));
    requireSignature();
    pull(":1");
    registry.requests().clear();
    pull(":1");
    assertEquals(0, registry.count("GET", "/blobs/" + Digest.sha256(Archive.gzip(LAYER))));
  }

  @Test
  void reject_refusesWhateverIsSigned() throws Exception {
    Digest image = serve("1");
    signer.sign(registry, "team/a", image, name(":1"));
    require("{\"type\":\"reject\"}");
    String words = refused(":1");
    assertTrue(words.contains("the policy rejects it"), words);
  }

  @Test
  void policyThatCannotBeRead_letsNothingIn() throws Exception {
    serve("1");
    policy = Optional.of(directory.resolve("missing.json"));
    String words = refused(":1");
    assertTrue(words.contains("missing.json cannot be read"), words);
  }

  @Test
  void registryThatFails_isNoFailureOfTheSignature() throws Exception {
    serve("1");
    requireSignature();
    registry.failing(1000, ".sig", 403);
    ExecutionException e = assertThrows(ExecutionException.class, () -> pull(":1"));
    assertEquals(Kind.UNAUTHORIZED, ((ImageException) e.getCause()).kind());
  }
}
