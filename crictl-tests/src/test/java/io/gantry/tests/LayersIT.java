package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.ImageSpec;
import io.gantry.proto.cri.v1.ImageStatusRequest;
import io.gantry.proto.v1.Change;
import io.gantry.proto.v1.ChangesRequest;
import io.gantry.proto.v1.CommitRequest;
import io.gantry.proto.v1.CreateLayerRequest;
import io.gantry.proto.v1.ExportLayerRequest;
import io.gantry.proto.v1.LayerMount;
import io.gantry.proto.v1.LayerSummary;
import io.gantry.proto.v1.ListLayersRequest;
import io.gantry.proto.v1.PathStat;
import io.gantry.proto.v1.ReadArchiveRequest;
import io.gantry.proto.v1.RemoveLayerRequest;
import io.gantry.proto.v1.StatRequest;
import io.gantry.proto.v1.WriteArchiveStart;
import io.gantry.tests.cri.ExtensionClient;
import io.gantry.tests.cri.LayerTalk;
import io.gantry.tests.cri.LayerTalk.Archive;
import io.gantry.tests.node.FaultOrders;
import io.gantry.tests.node.Leftovers;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.tools.Eventually;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.function.Executable;

/** Writable layers by gantry.v1: their life, their files, images made of them. */
@Tag("root")
class LayersIT {
  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  private static final String KEY = "web";
  private static final Duration SOON = Duration.ofSeconds(30);

  private static ExtensionClient client;
  private static TestPod pod;

  @BeforeAll
  static void runPod() {
    assumeTrue(TestNode.isGantry(), "the API is gantry's");
    client = ExtensionClient.of(node.cri());
    pod = TestPod.run(node, config -> config.putAnnotations("gantry.io/network", "none"));
  }

  @AfterAll
  static void removePod() {
    if (pod != null) {
      pod.close();
    }
  }

  @BeforeEach
  void makeLayer() {
    client.layers().create(creating(KEY));
  }

  @AfterEach
  void removeLayer() {
    client.layers().remove(removing(KEY));
  }

  @Test
  void layer_outlivesItsContainersAndTheirDaemon() {
    String first = pod.run("writer", using(KEY, "sh", "-c", "echo kept > /file; sleep 1000"));
    pod.awaitLog("writer", log -> Files.exists(pod.inside(first, "/file")));
    assertEquals(first, summary().getContainerId());
    fails("FAILED_PRECONDITION", first, () -> client.layers().remove(removing(KEY)));
    fails("FAILED_PRECONDITION", first, () -> pod.create("second", using(KEY, "true")));
    node.runtime().kill();
    node.startAgain();
    fails("FAILED_PRECONDITION", first, () -> client.layers().remove(removing(KEY)));
    pod.stop(first, Duration.ZERO);
    pod.remove(first);
    node.runtime().kill();
    node.startAgain();
    assertEquals("", summary().getContainerId());
    assertTrue(summary().getSizeBytes() > 0);
    assertEquals("kept\n", pod.output("reader", using(KEY), "cat /file"));
    removeContainers("reader");
  }

  @Test
  void imageOfALayer_canBeRunFromAfterItWasRemoved() {
    String id =
        node.cri()
            .images()
            .imageStatus(
                ImageStatusRequest.newBuilder()
                    .setImage(ImageSpec.newBuilder().setImage(node.busybox()))
                    .build())
            .getImage()
            .getId();
    assertEquals(id, summary().getImageId());
    node.crictl().out("rmi", node.busybox());
    try {
      assertEquals("on\n", pod.output("imageless", using(KEY), "echo on"));
      String made =
          client.layers().commit(CommitRequest.newBuilder().setKey(KEY).build()).getImageId();
      node.crictl().out("rmi", made);
    } finally {
      node.crictl().out("pull", node.busybox());
      removeContainers("imageless");
    }
  }

  @Test
  void archive_isTheSameWhetherOrNotTheContainerRuns() {
    byte[] archive =
        new Archive().directory("d").file("d/f", "content").link("d/up", "/etc").bytes();
    write("/tmp", archive);
    Map<String, String> expected = Map.of("d/", "", "d/f", "content", "d/up", "-> /etc");
    assertEquals(expected, read("/tmp/d").members());
    String container = pod.run("runs", using(KEY, "sleep", "1000"));
    try {
      assertEquals(expected, read("/tmp/d").members());
      assertEquals(
          "4001 4002 content",
          pod.execOutput(
              container, "sh", "-c", "stat -c '%u %g' /tmp/d/f | tr '\\n' ' '; cat /tmp/d/f"));
      write("/tmp/d", new Archive().file("late", "from outside").bytes());
      assertEquals("from outside", pod.execOutput(container, "cat", "/tmp/d/late"));
      pod.execOutput(container, "sh", "-c", "echo -n from inside > /tmp/d/late");
      assertEquals("from inside", read("/tmp/d/late").members().get("late"));
    } finally {
      pod.remove(container);
    }
    assertEquals("from inside", read("/tmp/d/late").members().get("late"));
    assertEquals(
        Map.of("./", "", "late", "from inside", "f", "content", "up", "-> /etc"),
        read("/tmp/d/.").members());
  }

  @Test
  void stat_tellsWhatIsThereAndWhereLinksLead() {
    write(
        "/tmp",
        new Archive().file("f", "12345").link("l", "../tmp/f").link("out", "../../../x").bytes());
    PathStat file = stat("/tmp/f");
    assertEquals(
        List.of("f", 5L, 0100644), List.of(file.getName(), file.getSizeBytes(), file.getMode()));
    assertEquals("/tmp/f", stat("/tmp/l").getLinkTarget());
    assertEquals("/x", stat("/tmp/out").getLinkTarget());
    assertEquals(0040000, stat("/").getMode() & 0170000);
    assertEquals("/", stat("/").getName());
    fails("NOT_FOUND", "/tmp/none", () -> stat("/tmp/none"));
    fails(
        "NOT_FOUND",
        "none",
        () -> client.layers().stat(StatRequest.newBuilder().setKey("none").setPath("/").build()));
    fails("INVALID_ARGUMENT", "path", () -> stat(""));
  }

  @Test
  void hostileLinks_leadNowhereOutside() throws IOException {
    Path secret = Files.writeString(node.directory().logs().resolve("secret"), "host");
    String up = "../../../../../../../..";
    write(
        "/tmp",
        new Archive()
            .link("root", up)
            .link("absolute", secret.getParent().toString())
            .link("relative", up + secret.getParent())
            .bytes());
    for (boolean running : List.of(false, true)) {
      String container = running ? pod.run("hostile", using(KEY, "sleep", "1000")) : "";
      for (String link : List.of("absolute", "relative")) {
        fails("NOT_FOUND", "", () -> read("/tmp/" + link + "/secret"));
        if (!running) {
          fails("NOT_FOUND", "", () -> write("/tmp/" + link, new Archive().bytes()));
        }
      }
      write("/tmp/root/tmp", new Archive().file("inside" + running, "in").bytes());
      assertEquals("in", read("/tmp/inside" + running).members().get("inside" + running));
      // Members whose own directories are such links end inside, too.
      write("/tmp", new Archive().file("absolute/planted", "x").file("root/planted", "x").bytes());
      assertFalse(Files.exists(secret.resolveSibling("planted")));
      assertFalse(Files.exists(Path.of("/planted")));
      fails(
          "INVALID_ARGUMENT",
          "",
          () -> write("/tmp", new Archive().file("../../x/../../../y", "").bytes()));
      if (running) {
        pod.remove(container);
      }
    }
    assertEquals("host", Files.readString(secret));
  }

  @Test
  void volumes_areSeenWhereTheContainerHasThem() throws IOException {
    Path volume = Files.createDirectories(node.directory().logs().resolve("volume"));
    Files.writeString(volume.resolve("own"), "of the volume");
    Files.createSymbolicLink(volume.resolve("escape"), Path.of("/etc/passwd"));
    LayerMount mount =
        LayerMount.newBuilder()
            .setContainerPath("/data/deep")
            .setHostPath(volume.toString())
            .build();
    ReadArchiveRequest request =
        ReadArchiveRequest.newBuilder()
            .setKey(KEY)
            .setPath("/data/deep/own")
            .addMounts(mount)
            .build();
    assertEquals("of the volume", LayerTalk.read(client, request).members().get("own"));
    LayerTalk.write(
        client,
        writing("/data/deep").addMounts(mount).build(),
        new Archive().file("written", "through").bytes());
    assertEquals("through", Files.readString(volume.resolve("written")));
    // The link of a volume means the container's file.
    LayerTalk.write(
        client, writing("/etc").build(), new Archive().file("passwd", "the container's").bytes());
    StatRequest escape =
        StatRequest.newBuilder().setKey(KEY).setPath("/data/deep/escape").addMounts(mount).build();
    assertEquals("/etc/passwd", client.layers().stat(escape).getLinkTarget());
    assertEquals(15, stat("/etc/passwd").getSizeBytes());
    fails(
        "FAILED_PRECONDITION",
        "read-only",
        () ->
            LayerTalk.write(
                client,
                writing("/data/deep").addMounts(mount.toBuilder().setReadonly(true)).build(),
                new Archive().file("refused", "").bytes()));
    assertFalse(mounts().contains(volume.toString()), "nothing is mounted on the host");
  }

  @Test
  void writeArchive_takesCompressedOnesAndKeepsToItsOrders() throws IOException {
    ByteArrayOutputStream gzipped = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(gzipped)) {
      gzip.write(new Archive().file("zipped", "z").file(".wh.plain", "no mark").bytes());
    }
    write("/tmp", gzipped.toByteArray());
    assertEquals("z", read("/tmp/zipped").members().get("zipped"));
    assertEquals("no mark", read("/tmp/.wh.plain").members().get(".wh.plain"));
    write("/tmp", new Archive().directory("dir").bytes());
    fails(
        "INVALID_ARGUMENT",
        "cannot overwrite directory",
        () ->
            LayerTalk.write(
                client,
                writing("/tmp").setNoOverwriteDirNonDir(true).build(),
                new Archive().file("dir", "").bytes()));
    write("/tmp", new Archive().file("dir", "now a file").bytes());
    assertEquals("now a file", read("/tmp/dir").members().get("dir"));
    fails("INVALID_ARGUMENT", "no directory", () -> write("/tmp/dir", new Archive().bytes()));
    fails("NOT_FOUND", "/none", () -> write("/none", new Archive().bytes()));
    fails("INVALID_ARGUMENT", "", () -> write("/tmp", "this is no archive".repeat(100).getBytes()));
    LayerTalk.write(
        client,
        writing("/tmp").setCopyUidGid(true).build(),
        new Archive().file("owned", "").bytes());
    String owner = pod.output("owner", using(KEY), "stat -c %u:%g /tmp/owned /tmp/zipped");
    assertEquals("0:0\n4001:4002\n", owner);
    removeContainers("owner");
  }

  @Test
  void changes_areThoseOfTheContainerAlone() {
    pod.output(
        "changer",
        using(KEY),
        "mkdir /new; echo x > /new/file; rm /bin/vi; echo more >> /etc/group; mkdir -p /root/a/b");
    removeContainers("changer");
    Map<String, Change.Kind> changes = new TreeMap<>();
    client
        .layers()
        .changes(ChangesRequest.newBuilder().setKey(KEY).build())
        .forEachRemaining(change -> changes.put(change.getPath(), change.getKind()));
    assertEquals(Change.Kind.ADDED, changes.get("/new"), changes::toString);
    assertEquals(Change.Kind.ADDED, changes.get("/new/file"), changes::toString);
    assertEquals(Change.Kind.DELETED, changes.get("/bin/vi"), changes::toString);
    assertEquals(Change.Kind.MODIFIED, changes.get("/bin"), changes::toString);
    assertFalse(
        changes.keySet().stream().anyMatch(path -> path.startsWith("/proc")), changes::toString);
    assertFalse(changes.containsKey("/etc/hosts"), changes::toString);
    assertFalse(changes.containsKey("/dev"), changes::toString);
  }

  @Test
  void export_isTheWholeRoot() {
    CreateLayerRequest bare = CreateLayerRequest.newBuilder().setKey("bare").build();
    assertEquals("", client.layers().create(bare).getImageId());
    LayerTalk.write(
        client,
        WriteArchiveStart.newBuilder().setKey("bare").setPath("/").build(),
        new Archive().directory("d").file("d/mine", "exported").link("d/l", "mine").bytes());
    Map<String, String> members =
        LayerTalk.members(
            LayerTalk.bytes(
                client.layers().export(ExportLayerRequest.newBuilder().setKey("bare").build())));
    client.layers().remove(removing("bare"));
    assertEquals(Map.of("./", "", "d/", "", "d/mine", "exported", "d/l", "-> mine"), members);
  }

  @Test
  void commit_makesAnImageThatRuns() {
    pod.output("committed", using(KEY), "echo image > /made; rm /bin/vi");
    removeContainers("committed");
    String name = "localhost/made:1";
    String id =
        client
            .layers()
            .commit(
                CommitRequest.newBuilder()
                    .setKey(KEY)
                    .setReference(name)
                    .setAuthor("me")
                    .setComment("why not")
                    .setCreatedBy("a test")
                    .setConfig(
                        ByteString.copyFromUtf8(
                            "{\"Cmd\":[\"cat\",\"/made\"],\"Labels\":{\"a\":\"b\"}}"))
                    .build())
            .getImageId();
    try {
      assertTrue(node.crictl().out("inspecti", name).contains(id.substring(7)));
      String container =
          pod.run("of-it", config -> config.setImage(ImageSpec.newBuilder().setImage(name)));
      assertEquals(0, pod.awaitExit(container).getExitCode());
      assertEquals("image\n", pod.log("of-it").stdout());
      pod.remove(container);
      fails(
          "INVALID_ARGUMENT",
          "config",
          () ->
              client
                  .layers()
                  .commit(
                      CommitRequest.newBuilder()
                          .setKey(KEY)
                          .setConfig(ByteString.copyFromUtf8("[]"))
                          .build()));
    } finally {
      node.crictl().out("rmi", name);
    }
  }

  @Test
  void killedAtEachPoint_aLayerIsWholeOrGone() throws IOException {
    FaultOrders orders = FaultOrders.to(node.directory());
    Runnable life =
        () -> {
          client.layers().create(creating("life"));
          client.layers().remove(removing("life"));
        };
    // Between intent and layer, between layer and its record, and in its removal.
    List<String> points =
        orders.pointsOf(life).stream()
            .filter(point -> point.matches("writable layer record written [123]"))
            .toList();
    assertTrue(points.contains("writable layer record written 1"), points::toString);
    for (String point : points) {
      Leftovers before = Leftovers.of(node.directory());
      orders.killAt(point);
      assertThrows(StatusRuntimeException.class, life::run, point);
      Eventually.holds("dead", SOON, () -> assertFalse(node.runtime().process().isAlive(), point));
      orders.none();
      node.startAgain();
      boolean there =
          client
              .layers()
              .list(ListLayersRequest.newBuilder().setSizes(true).build())
              .getLayersList()
              .stream()
              .anyMatch(layer -> layer.getKey().equals("life"));
      Path files = node.directory().root().resolve("snapshots/writable/layer.life/fs");
      assertEquals(there, Files.exists(files), point);
      client.layers().remove(removing("life"));
      Eventually.holds(
          "nothing is left of it, killed at " + point,
          SOON,
          () -> assertEquals("", Leftovers.of(node.directory()).differenceTo(before)));
    }
  }

  private static LayerSummary summary() {
    return client
        .layers()
        .list(ListLayersRequest.newBuilder().setSizes(true).build())
        .getLayersList()
        .stream()
        .filter(layer -> layer.getKey().equals(KEY))
        .findFirst()
        .orElseThrow();
  }

  private static Consumer<ContainerConfig.Builder> using(String key, String... command) {
    return config -> {
      config.putAnnotations("gantry.io/writable-layer", key);
      if (command.length > 0) {
        config.addAllCommand(List.of(command));
      }
    };
  }

  private static void removeContainers(String name) {
    node.crictl().out("ps", "-a", "--name", name, "-q").lines().forEach(id -> pod.remove(id));
  }

  private static void write(String path, byte[] archive) {
    LayerTalk.write(client, writing(path).build(), archive);
  }

  private static WriteArchiveStart.Builder writing(String path) {
    return WriteArchiveStart.newBuilder().setKey(KEY).setPath(path);
  }

  private static LayerTalk.Read read(String path) {
    return LayerTalk.read(
        client, ReadArchiveRequest.newBuilder().setKey(KEY).setPath(path).build());
  }

  private static PathStat stat(String path) {
    return client.layers().stat(StatRequest.newBuilder().setKey(KEY).setPath(path).build());
  }

  private static String mounts() throws IOException {
    return Files.readString(Path.of("/proc/self/mounts"));
  }

  private static CreateLayerRequest creating(String key) {
    return CreateLayerRequest.newBuilder().setKey(key).setImage(node.busybox()).build();
  }

  private static RemoveLayerRequest removing(String key) {
    return RemoveLayerRequest.newBuilder().setKey(key).build();
  }

  private static void fails(String code, String words, Executable work) {
    StatusRuntimeException failure = assertThrows(StatusRuntimeException.class, work);
    assertEquals(code, failure.getStatus().getCode().name(), failure::toString);
    assertTrue(failure.getStatus().getDescription().contains(words), failure::toString);
  }
}
