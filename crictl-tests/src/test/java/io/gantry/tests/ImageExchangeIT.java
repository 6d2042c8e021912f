package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import io.gantry.proto.cri.v1.ImageSpec;
import io.gantry.proto.v1.ArchiveChunk;
import io.gantry.proto.v1.ExportRequest;
import io.gantry.proto.v1.ImageDetails;
import io.gantry.proto.v1.ImportProgress;
import io.gantry.proto.v1.ImportRequest;
import io.gantry.proto.v1.InspectImageRequest;
import io.gantry.proto.v1.PullRequest;
import io.gantry.proto.v1.PushRequest;
import io.gantry.proto.v1.ResolveRequest;
import io.gantry.proto.v1.ResolveResponse;
import io.gantry.proto.v1.TagRequest;
import io.gantry.proto.v1.TransferProgress;
import io.gantry.proto.v1.UntagRequest;
import io.gantry.tests.cri.ExtensionClient;
import io.gantry.tests.node.FaultOrders;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.registry.GantryRegistry;
import io.gantry.tests.registry.TestImage;
import io.gantry.tests.tools.Command;
import io.gantry.tests.tools.Eventually;
import io.gantry.tests.tools.Skopeo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Images to and from skopeo and registries of three makes, through gantry.v1.Images. */
@Tag("root")
class ImageExchangeIT {

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  private static final Duration SOON = Duration.ofSeconds(60);
  private static final int PIECE_BYTES = 64 << 10;
  private static final String OWN = "localhost/own/image:1";

  @TempDir Path directory;
  private TestImage image;
  private String elsewhere;
  private String digest;

  @BeforeEach
  void push() {
    assumeTrue(TestNode.isGantry(), "the API is gantry's");
    image = node.registry().images().marked("exchanged");
    digest = node.registry().open().push("test/exchange", "1", image);
    elsewhere = node.registry().open().reference("test/exchange:1");
  }

  @AfterEach
  void removeImages() {
    FaultOrders.to(node.directory()).none();
    if (!node.runtime().process().isAlive()) {
      node.startAgain();
    }
    node.removeAllPods();
    node.crictl().run("rmi", image.id());
  }

  private static ExtensionClient api() {
    return ExtensionClient.of(node.cri());
  }

  private static ImageDetails inspect(String name) {
    return api().images().inspect(InspectImageRequest.newBuilder().setImage(name).build());
  }

  private Path export(String... names) throws IOException {
    Path file = directory.resolve("exported.tar");
    try (OutputStream out = Files.newOutputStream(file)) {
      Iterator<ArchiveChunk> chunks =
          api().images().export(ExportRequest.newBuilder().addAllImages(List.of(names)).build());
      while (chunks.hasNext()) {
        chunks.next().getData().writeTo(out);
      }
    }
    return file;
  }

  private static final class Answers implements StreamObserver<ImportProgress> {
    final CompletableFuture<List<ImportProgress>> all = new CompletableFuture<>();
    private final List<ImportProgress> soFar = new ArrayList<>();

    @Override
    public void onNext(ImportProgress progress) {
      soFar.add(progress);
    }

    @Override
    public void onError(Throwable failure) {
      all.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {
      all.complete(soFar);
    }
  }

  private static void send(StreamObserver<ImportRequest> to, byte[] bytes, int length) {
    for (int at = 0; at < length; at += PIECE_BYTES) {
      int piece = Math.min(PIECE_BYTES, length - at);
      to.onNext(ImportRequest.newBuilder().setData(ByteString.copyFrom(bytes, at, piece)).build());
    }
  }

  private static List<ImportProgress> imported(Path file) throws Exception {
    Answers answers = new Answers();
    StreamObserver<ImportRequest> to = api().imagesLater().import_(answers);
    byte[] bytes = Files.readAllBytes(file);
    send(to, bytes, bytes.length);
    to.onCompleted();
    return answers.all.get(60, TimeUnit.SECONDS).stream()
        .filter(progress -> !progress.getImageId().isEmpty())
        .toList();
  }

  private static Command.Outcome skopeo(String... words) {
    List<String> all = new ArrayList<>(List.of("skopeo", "--insecure-policy"));
    all.addAll(List.of(words));
    return Command.of(all).run().orFail();
  }

  private String runs(String name) {
    try (TestPod pod = TestPod.run(node)) {
      return pod.output(
          "app", config -> config.setImage(ImageSpec.newBuilder().setImage(name)), "echo it runs");
    }
  }

  @Test
  void whatWeWrite_skopeoReads_asBothForms() throws Exception {
    node.crictl().out("pull", elsewhere);
    Path file = export(elsewhere);

    skopeo(
        "copy",
        "--all",
        "--preserve-digests",
        "oci-archive:" + file,
        "dir:" + directory.resolve("oci"));
    String manifest = Files.readString(directory.resolve("oci/manifest.json"));
    assertEquals(inspect(elsewhere).getManifest().toStringUtf8(), manifest);

    skopeo("copy", "docker-archive:" + file, "dir:" + directory.resolve("docker"));
    String config = skopeo("inspect", "--config", "--raw", "docker-archive:" + file).stdout();
    assertEquals(inspect(elsewhere).getConfig().toStringUtf8(), config);
  }

  @Test
  void whatSkopeoWrites_weRead_andThePodRunsIt() throws Exception {
    Path oci = directory.resolve("oci.tar");
    Skopeo.copy("docker://" + elsewhere, "oci-archive:" + oci + ":" + OWN).orFail();
    ImportProgress first = imported(oci).get(0);
    assertEquals(image.id(), first.getImageId());
    assertEquals(List.of(OWN), List.copyOf(first.getReferencesList()));
    assertEquals(digest, inspect(OWN).getTargetDigest());
    assertEquals("it runs\n", runs(OWN));
    node.crictl().out("rmi", OWN);

    Path docker = directory.resolve("docker.tar");
    skopeo(
        "copy",
        "--src-tls-verify=false",
        "docker://" + elsewhere,
        "docker-archive:" + docker + ":" + OWN);
    assertEquals(image.id(), imported(docker).get(0).getImageId());
    assertEquals("it runs\n", runs(OWN));
    Path again = export(OWN);
    node.crictl().out("rmi", OWN);
    assertEquals(image.id(), imported(again).get(0).getImageId());
  }

  @Test
  void push_andPull_keepTheDigest_atRegistriesOfTwoMakes() throws Exception {
    node.crictl().out("pull", elsewhere);
    try (GantryRegistry own = new GantryRegistry(directory.resolve("registry")).start()) {
      for (String host : List.of(node.registry().open().host(), own.host())) {
        String there = host + "/pushed/image:2";
        List<TransferProgress> told = pushed(elsewhere, there);
        assertEquals(digest, told.get(told.size() - 1).getResult().getDigest());
        assertEquals(digest, Skopeo.digest("docker://" + there));
        List<TransferProgress> again = pushed(elsewhere, there);
        assertTrue(again.get(again.size() - 1).getResult().getUnchanged());
      }
      // A blob that the registry has elsewhere is taken from there.
      List<TransferProgress> mounted = pushed(elsewhere, own.host() + "/third:1");
      assertTrue(phases(mounted).contains(TransferProgress.Phase.MOUNTED), mounted::toString);

      node.crictl().out("rmi", image.id());
      String back = own.host() + "/pushed/image:2";
      List<TransferProgress> pulled = new ArrayList<>();
      api()
          .images()
          .pull(PullRequest.newBuilder().setImage(back).build())
          .forEachRemaining(pulled::add);
      assertEquals(digest, pulled.get(pulled.size() - 1).getResult().getDigest());
      assertTrue(phases(pulled).contains(TransferProgress.Phase.UNPACKED), pulled::toString);
      assertEquals("it runs\n", runs(back));
    }
  }

  @Test
  void indexOfSeveralPlatforms_comesInByAnArchive_andGoesOutAsItWas() throws Exception {
    TestImage other = image.architecture("s390x");
    String index =
        node.registry().open().pushIndex("test/index", "1", image.format(), List.of(other, image));
    Path file = directory.resolve("index.tar");
    String source = "docker://" + node.registry().open().reference("test/index:1");
    Skopeo.copy(source, "oci-archive:" + file + ":" + OWN).orFail();
    assertEquals(image.id(), imported(file).get(0).getImageId());

    String there = node.registry().open().reference("test/index-back:1");
    List<TransferProgress> told = pushed(OWN, there);
    assertEquals(index, told.get(told.size() - 1).getResult().getDigest());
    Skopeo.copy("docker://" + there, "dir:" + directory.resolve("whole")).orFail();
  }

  @Test
  void resolve_tellsWhatTheRegistryHas_andFetchesNothing() throws IOException {
    TreeMap<String, Integer> before = store();
    ResolveResponse found =
        api().images().resolve(ResolveRequest.newBuilder().setImage(elsewhere).build());
    assertEquals(digest, found.getDigest());
    assertEquals(
        List.of("linux/amd64"),
        found.getPlatformsList().stream()
            .map(platform -> platform.getOs() + "/" + platform.getArchitecture())
            .toList());
    assertEquals(before, store());
    ResolveRequest missing =
        ResolveRequest.newBuilder()
            .setImage(node.registry().open().reference("test/none:1"))
            .build();
    StatusRuntimeException refused =
        assertThrows(StatusRuntimeException.class, () -> api().images().resolve(missing));
    assertEquals(Status.Code.NOT_FOUND, refused.getStatus().getCode());
  }

  private static Set<TransferProgress.Phase> phases(List<TransferProgress> told) {
    return told.stream().map(TransferProgress::getPhase).collect(Collectors.toSet());
  }

  private static List<TransferProgress> pushed(String image, String destination) {
    List<TransferProgress> told = new ArrayList<>();
    api()
        .images()
        .push(PushRequest.newBuilder().setImage(image).setDestination(destination).build())
        .forEachRemaining(told::add);
    return told;
  }

  @Test
  void tag_isAtOnceTheKubelets_andUntagTakesIt() {
    node.crictl().out("pull", elsewhere);
    api().images().tag(TagRequest.newBuilder().setImage(elsewhere).setTarget(OWN).build());
    assertEquals("it runs\n", runs(OWN));
    assertEquals(
        "", api().images().untag(untag(elsewhere)).getRemovedImageId(), "it has a name left");
    assertEquals(image.id(), api().images().untag(untag(OWN)).getRemovedImageId());
    StatusRuntimeException gone =
        assertThrows(StatusRuntimeException.class, () -> api().images().untag(untag(OWN)));
    assertEquals(Status.Code.NOT_FOUND, gone.getStatus().getCode());
  }

  private static UntagRequest untag(String name) {
    return UntagRequest.newBuilder().setReference(name).build();
  }

  @Test
  void clientGoneInMidImport_leavesNothing() throws Exception {
    TreeMap<String, Integer> before = store();
    Path file = directory.resolve("docker.tar");
    skopeo("copy", "--src-tls-verify=false", "docker://" + elsewhere, "docker-archive:" + file);
    byte[] bytes = Files.readAllBytes(file);
    Answers answers = new Answers();
    var to = (ClientCallStreamObserver<ImportRequest>) api().imagesLater().import_(answers);
    send(to, bytes, bytes.length * 3 / 4);
    Eventually.holds("some of it has come", SOON, () -> assertTrue(!store().equals(before)));
    to.cancel("gone", null);
    Eventually.holds("nothing of it is here", SOON, () -> assertEquals(before, store()));
  }

  @Test
  void daemonKilledInMidImport_leavesNothing() throws Exception {
    TreeMap<String, Integer> before = store();
    Path file = directory.resolve("oci.tar");
    Skopeo.copy("docker://" + elsewhere, "oci-archive:" + file + ":" + OWN).orFail();
    FaultOrders.to(node.directory()).killAt("image record to be written 1");
    assertThrows(Exception.class, () -> imported(file));
    Eventually.holds(
        "the daemon is dead", SOON, () -> assertTrue(!node.runtime().process().isAlive()));
    FaultOrders.to(node.directory()).none();
    node.startAgain();
    Eventually.holds("nothing of it is here", SOON, () -> assertEquals(before, store()));
    assertEquals(image.id(), imported(file).get(0).getImageId());
  }

  private static TreeMap<String, Integer> store() throws IOException {
    TreeMap<String, Integer> counts = new TreeMap<>();
    for (String part :
        List.of(
            "images", "assemblies", "content/blobs/sha256", "content/ingest", "snapshots/layers")) {
      try (Stream<Path> all = Files.list(node.directory().root().resolve(part))) {
        counts.put(part, (int) all.count());
      }
    }
    return counts;
  }
}
