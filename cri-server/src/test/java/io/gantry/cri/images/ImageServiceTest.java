package io.gantry.cri.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.image.ImageRecord;
import io.gantry.image.Images;
import io.gantry.image.ImagesUsage;
import io.gantry.image.PullRequest;
import io.gantry.image.failure.ImageException;
import io.gantry.image.failure.ImageException.Kind;
import io.gantry.image.manifest.ImageConfig;
import io.gantry.image.reference.Digest;
import io.gantry.image.registry.Credentials;
import io.gantry.image.snapshot.ChainId;
import io.gantry.image.snapshot.Snapshots;
import io.gantry.image.tree.DiskUsage;
import io.gantry.proto.cri.v1.AuthConfig;
import io.gantry.proto.cri.v1.Image;
import io.gantry.proto.cri.v1.ImageFilter;
import io.gantry.proto.cri.v1.ImageFsInfoRequest;
import io.gantry.proto.cri.v1.ImageFsInfoResponse;
import io.gantry.proto.cri.v1.ImageSpec;
import io.gantry.proto.cri.v1.ImageStatusRequest;
import io.gantry.proto.cri.v1.ImageStatusResponse;
import io.gantry.proto.cri.v1.ListImagesRequest;
import io.gantry.proto.cri.v1.PullImageRequest;
import io.gantry.proto.cri.v1.RemoveImageRequest;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ImageServiceTest {

  private static final Digest ID = Digest.sha256(new byte[] {1});

  private final FakeImages images = new FakeImages();

  private static ImageRecord record(String user) {
    ImageConfig config =
        new ImageConfig(
            user,
            List.of(),
            List.of(),
            List.of(),
            "",
            Set.of(),
            Optional.empty(),
            Map.of(),
            Set.of());
    return new ImageRecord(
        ID,
        List.of("r.example/a:1"),
        List.of("r.example/a@" + ID),
        1234,
        config,
        Optional.of(ChainId.first(ID)),
        "{\"os\":\"linux\"}",
        Map.of(),
        List.of(ID),
        false,
        Instant.EPOCH);
  }

  private static final class FakeImages implements Images {
    private final List<PullRequest> pulls = new ArrayList<>();
    private final List<String> removed = new ArrayList<>();
    private ImageRecord image = record("");
    private CompletableFuture<ImageRecord> answer = CompletableFuture.completedFuture(image);

    @Override
    public CompletableFuture<ImageRecord> pull(PullRequest request) {
      pulls.add(request);
      return answer;
    }

    @Override
    public Optional<ImageRecord> find(String nameOrId) {
      return nameOrId.startsWith("r.example/a") ? Optional.of(image) : Optional.empty();
    }

    @Override
    public List<ImageRecord> list() {
      return List.of(image, image);
    }

    @Override
    public void remove(String nameOrId) {
      removed.add(nameOrId);
    }

    @Override
    public ImagesUsage usage() {
      return new ImagesUsage(
          Path.of("/i"), new DiskUsage(10, 2), Path.of("/c"), new DiskUsage(30, 4));
    }

    @Override
    public Snapshots snapshots() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
  }

  private static ImageSpec spec(String name) {
    return ImageSpec.newBuilder().setImage(name).build();
  }

  private static PullImageRequest pullRequest(String name, AuthConfig auth) {
    return PullImageRequest.newBuilder().setImage(spec(name)).setAuth(auth).build();
  }

  private Credentials credentialsSent(String name, AuthConfig auth) throws Exception {
    new PullImage(images).handle(pullRequest(name, auth));
    return images.pulls.get(images.pulls.size() - 1).credentials();
  }

  @Test
  void pull_answersTheImagesId() throws Exception {
    assertEquals(
        ID.toString(),
        new PullImage(images)
            .handle(pullRequest("a:1", AuthConfig.getDefaultInstance()))
            .getImageRef());
    assertEquals("docker.io/library/a:1", images.pulls.get(0).reference());
  }

  @ParameterizedTest
  @EnumSource
  void pull_failures_haveTheirCodes(Kind kind) {
    images.answer = CompletableFuture.failedFuture(new ImageException(kind, "why"));
    CriException e =
        assertThrows(
            CriException.class,
            () -> new PullImage(images).handle(pullRequest("a", AuthConfig.getDefaultInstance())));
    Failure expected =
        switch (kind) {
          case INVALID_REFERENCE -> Failure.INVALID_REQUEST;
          case NOT_FOUND -> Failure.NOT_FOUND;
          case UNAUTHORIZED -> Failure.UNAUTHENTICATED;
          case UNAVAILABLE, CANCELLED -> Failure.UNAVAILABLE;
          case UNTRUSTED -> Failure.FORBIDDEN;
          case CORRUPT, STORAGE -> Failure.INTERNAL;
          case UNSUPPORTED -> Failure.WRONG_STATE;
        };
    assertEquals(expected, e.failure());
    assertTrue(e.getMessage().endsWith("why"));
    // What a kubelet looks for at the beginning (cri-api, pkg/errors).
    assertEquals(kind == Kind.UNAVAILABLE, e.getMessage().startsWith("RegistryUnavailable"));
    assertEquals(kind == Kind.UNTRUSTED, e.getMessage().startsWith("SignatureValidationFailed"));
  }

  @Test
  void pull_ofABadReference_isInvalid() {
    CriException e =
        assertThrows(
            CriException.class,
            () ->
                new PullImage(images)
                    .handle(pullRequest("Bad Name", AuthConfig.getDefaultInstance())));
    assertEquals(Failure.INVALID_REQUEST, e.failure());
    assertTrue(images.pulls.isEmpty());
  }

  @Test
  void pull_isLeft_whenTheCallersDeadlinePasses() {
    images.answer = new CompletableFuture<>();
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    Context.CancellableContext context =
        Context.current().withDeadlineAfter(50, TimeUnit.MILLISECONDS, timer);
    StatusException e =
        assertThrows(
            StatusException.class,
            () ->
                context.call(
                    () ->
                        new PullImage(images)
                            .handle(pullRequest("a", AuthConfig.getDefaultInstance()))));
    timer.shutdown();
    assertEquals(Status.Code.DEADLINE_EXCEEDED, e.getStatus().getCode());
    assertTrue(images.answer.isCancelled());
  }

  @Test
  void auth_isLookedAtInTheCustomaryOrder() throws Exception {
    String pair = Base64.getEncoder().encodeToString("bob:pw\0\0".getBytes(StandardCharsets.UTF_8));
    AuthConfig all =
        AuthConfig.newBuilder()
            .setUsername("ann")
            .setPassword("p")
            .setIdentityToken("i")
            .setAuth(pair)
            .setRegistryToken("r")
            .build();
    assertEquals(new Credentials.Password("ann", "p"), credentialsSent("a", all));
    AuthConfig withoutUser = all.toBuilder().clearUsername().clearPassword().build();
    assertEquals(new Credentials.IdentityToken("i"), credentialsSent("a", withoutUser));
    AuthConfig authAlone = withoutUser.toBuilder().clearIdentityToken().build();
    assertEquals(new Credentials.Password("bob", "pw"), credentialsSent("a", authAlone));
    assertEquals(
        new Credentials.RegistryToken("r"),
        credentialsSent("a", authAlone.toBuilder().clearAuth().build()));
    assertEquals(
        new Credentials.Anonymous(), credentialsSent("a", AuthConfig.getDefaultInstance()));
  }

  @ParameterizedTest
  @CsvSource({
    "r.example/a, r.example, true",
    "r.example/a, https://r.example/v1/, true",
    "r.example:5000/a, http://r.example:5000, true",
    "r.example:5000/a, r.example, false",
    "r.example/a, evil.example, false",
    "busybox, https://index.docker.io/v1/, true",
    "busybox, r.example, false",
  })
  void auth_forAnotherServer_isNotSent(String image, String server, boolean sent) throws Exception {
    AuthConfig auth =
        AuthConfig.newBuilder()
            .setUsername("ann")
            .setPassword("p")
            .setServerAddress(server)
            .build();
    assertEquals(sent, credentialsSent(image, auth) instanceof Credentials.Password);
  }

  @ParameterizedTest
  @CsvSource({"!!!", "bm9jb2xvbg=="})
  void auth_thatIsMalformed_isInvalid_andNotQuoted(String malformed) {
    AuthConfig auth = AuthConfig.newBuilder().setAuth(malformed).build();
    CriException e =
        assertThrows(
            CriException.class, () -> new PullImage(images).handle(pullRequest("a", auth)));
    assertEquals(Failure.INVALID_REQUEST, e.failure());
    assertFalse(e.getMessage().contains(malformed));
  }

  @Test
  void status_ofWhatIsNotHere_isEmptyAndNoError() throws Exception {
    ImageStatusResponse response =
        new ImageStatus(images)
            .handle(ImageStatusRequest.newBuilder().setImage(spec("nope")).build());
    assertFalse(response.hasImage());
  }

  @Test
  void status_verbose_tellsChainAndSpecification() throws Exception {
    ImageStatusRequest request =
        ImageStatusRequest.newBuilder().setImage(spec("r.example/a:1")).setVerbose(true).build();
    String info = new ImageStatus(images).handle(request).getInfoOrThrow("info");
    assertEquals("{\"chainID\":\"" + ID + "\",\"imageSpec\":{\"os\":\"linux\"}}", info);
    assertEquals(
        0,
        new ImageStatus(images)
            .handle(request.toBuilder().setVerbose(false).build())
            .getInfoCount());
  }

  @ParameterizedTest
  @CsvSource({
    "'',0,''",
    "0,0,''",
    "1000,1000,''",
    "1000:50,1000,''",
    "web,,web",
    "web:www,,web",
    ":50,0,''"
  })
  void image_hasEitherUidOrUsername(String user, Long uid, String name) throws Exception {
    images.image = record(user);
    Image image =
        new ImageStatus(images)
            .handle(ImageStatusRequest.newBuilder().setImage(spec("r.example/a")).build())
            .getImage();
    assertEquals(uid != null, image.hasUid());
    assertEquals(uid == null ? 0 : uid, image.getUid().getValue());
    assertEquals(name, image.getUsername());
    assertEquals(ID.toString(), image.getId());
    assertEquals(1234, image.getSize());
  }

  @Test
  void list_honoursTheFilter() {
    ListImages list = new ListImages(images);
    assertEquals(2, list.handle(ListImagesRequest.getDefaultInstance()).getImagesCount());
    assertEquals(1, list.handle(filter("r.example/a:1")).getImagesCount());
    assertEquals(0, list.handle(filter("nope")).getImagesCount());
  }

  private static ListImagesRequest filter(String name) {
    return ListImagesRequest.newBuilder()
        .setFilter(ImageFilter.newBuilder().setImage(spec(name)))
        .build();
  }

  @Test
  void remove_passesTheNameOn_andNeedsOne() throws Exception {
    new RemoveImage(images)
        .handle(RemoveImageRequest.newBuilder().setImage(spec("r.example/a")).build());
    assertEquals(List.of("r.example/a"), images.removed);
    assertThrows(
        CriException.class,
        () -> new RemoveImage(images).handle(RemoveImageRequest.getDefaultInstance()));
  }

  @Test
  void fsInfo_tellsImagesAndContainersApart() throws Exception {
    Clock clock = Clock.fixed(Instant.ofEpochSecond(5, 7), ZoneOffset.UTC);
    ImageFsInfoResponse info =
        new ImageFsInfo(images, clock).handle(ImageFsInfoRequest.getDefaultInstance());
    assertEquals("/i", info.getImageFilesystems(0).getFsId().getMountpoint());
    assertEquals(10, info.getImageFilesystems(0).getUsedBytes().getValue());
    assertEquals("/c", info.getContainerFilesystems(0).getFsId().getMountpoint());
    assertEquals(4, info.getContainerFilesystems(0).getInodesUsed().getValue());
    assertEquals(5_000_000_007L, info.getImageFilesystems(0).getTimestamp());
  }
}
