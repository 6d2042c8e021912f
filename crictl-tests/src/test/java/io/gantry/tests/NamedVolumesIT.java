package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.proto.cri.v1.Mount;
import io.gantry.proto.v1.CreateLayerRequest;
import io.gantry.proto.v1.CreateVolumeRequest;
import io.gantry.proto.v1.InspectVolumeRequest;
import io.gantry.proto.v1.ListVolumesRequest;
import io.gantry.proto.v1.NodeInfo;
import io.gantry.proto.v1.NodeInfoRequest;
import io.gantry.proto.v1.PopulateVolumeRequest;
import io.gantry.proto.v1.RemoveLayerRequest;
import io.gantry.proto.v1.RemoveVolumeRequest;
import io.gantry.proto.v1.Volume;
import io.gantry.tests.cri.ExtensionClient;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.function.Executable;

/** Volumes with names, and what is told of the machine, by gantry.v1. */
@Tag("root")
class NamedVolumesIT {
  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  private static ExtensionClient client;

  @BeforeAll
  static void connect() {
    assumeTrue(TestNode.isGantry(), "the API is gantry's");
    client = ExtensionClient.of(node.cri());
  }

  @Test
  void volume_outlivesContainersAndTheDaemon() throws IOException {
    Volume made =
        client
            .volumes()
            .create(CreateVolumeRequest.newBuilder().setName("data").putLabels("a", "b").build());
    assertEquals(Map.of("a", "b"), made.getLabelsMap());
    assertEquals(made, client.volumes().create(creating("data", Map.of())));
    assertEquals(made, inspect("data"));
    try (TestPod pod =
        TestPod.run(node, config -> config.putAnnotations("gantry.io/network", "none"))) {
      String container =
          pod.run(
              "user",
              config ->
                  config
                      .addAllCommand(List.of("sh", "-c", "echo kept > /data/file; sleep 1000"))
                      .addMounts(
                          Mount.newBuilder()
                              .setContainerPath("/data")
                              .setHostPath(made.getMountpoint())));
      fails("FAILED_PRECONDITION", container, () -> remove("data"));
      pod.stop(container, Duration.ZERO);
    }
    node.runtime().kill();
    node.startAgain();
    assertEquals(made, inspect("data"));
    assertEquals("kept\n", Files.readString(Path.of(made.getMountpoint(), "file")));
    Volume measured =
        client
            .volumes()
            .list(ListVolumesRequest.newBuilder().setSizes(true).build())
            .getVolumesList()
            .stream()
            .filter(volume -> volume.getName().equals("data"))
            .findFirst()
            .orElseThrow();
    assertTrue(measured.getSizeBytes() > 0);
    remove("data");
    assertFalse(Files.exists(Path.of(made.getMountpoint()).getParent()));
    fails("NOT_FOUND", "data", () -> remove("data"));
    fails("NOT_FOUND", "data", () -> inspect("data"));
  }

  @Test
  void options_areMountedFromTheMakingToTheRemoval() throws IOException {
    Volume memory =
        client
            .volumes()
            .create(
                creating(
                    "memory", Map.of("type", "tmpfs", "device", "tmpfs", "o", "size=1m,noexec")));
    assertTrue(mountLine(memory).contains("tmpfs rw,noexec"), mountLine(memory));
    assertTrue(mountLine(memory).contains("size=1024k"), mountLine(memory));
    Path source = Files.createDirectories(node.directory().logs().resolve("source"));
    Files.writeString(source.resolve("precious"), "kept");
    Volume bound =
        client
            .volumes()
            .create(
                creating(
                    "bound", Map.of("type", "none", "device", source.toString(), "o", "bind,ro")));
    assertEquals("kept", Files.readString(Path.of(bound.getMountpoint(), "precious")));
    assertThrows(
        IOException.class, () -> Files.createFile(Path.of(bound.getMountpoint(), "refused")));
    remove("memory");
    remove("bound");
    assertEquals("", mountLine(memory) + mountLine(bound));
    assertEquals("kept", Files.readString(source.resolve("precious")));
  }

  @Test
  void badWishes_areRefusedAndLeaveNothing() {
    fails("INVALID_ARGUMENT", "no name", () -> client.volumes().create(creating("../x", Map.of())));
    fails(
        "INVALID_ARGUMENT",
        "\"size\"",
        () -> client.volumes().create(creating("bad", Map.of("size", "1m"))));
    fails(
        "INVALID_ARGUMENT",
        "device",
        () -> client.volumes().create(creating("bad", Map.of("type", "tmpfs"))));
    fails(
        "FAILED_PRECONDITION",
        "nosuchfs",
        () ->
            client.volumes().create(creating("bad", Map.of("type", "nosuchfs", "device", "none"))));
    fails("NOT_FOUND", "bad", () -> inspect("bad"));
    Volume anonymous = client.volumes().create(CreateVolumeRequest.getDefaultInstance());
    assertEquals(64, anonymous.getName().length());
    fails(
        "ALREADY_EXISTS",
        anonymous.getName(),
        () ->
            client
                .volumes()
                .create(creating(anonymous.getName(), Map.of("type", "tmpfs", "device", "tmpfs"))));
    remove(anonymous.getName());
  }

  @Test
  void populate_fillsAnEmptyVolumeOnce() throws IOException {
    client
        .layers()
        .create(CreateLayerRequest.newBuilder().setKey("filler").setImage(node.busybox()).build());
    Volume volume = client.volumes().create(creating("filled", Map.of()));
    PopulateVolumeRequest request =
        PopulateVolumeRequest.newBuilder()
            .setName("filled")
            .setLayerKey("filler")
            .setPath("/etc")
            .build();
    assertFalse(
        client.volumes().populate(request.toBuilder().setPath("/none").build()).getCopied());
    assertTrue(client.volumes().populate(request).getCopied());
    Path group = Path.of(volume.getMountpoint(), "group");
    assertTrue(Files.exists(group), () -> group + " is missing");
    Files.writeString(group, "changed");
    assertFalse(client.volumes().populate(request).getCopied());
    assertEquals("changed", Files.readString(group));
    fails(
        "NOT_FOUND",
        "nothing",
        () -> client.volumes().populate(request.toBuilder().setLayerKey("nothing").build()));
    remove("filled");
    client.layers().remove(RemoveLayerRequest.newBuilder().setKey("filler").build());
  }

  @Test
  void node_tellsOfTheMachine() {
    NodeInfo info = client.node().info(NodeInfoRequest.getDefaultInstance());
    assertEquals(node.directory().root().toString(), info.getRoot());
    assertTrue(info.getMemoryBytes() > 1 << 20, info::toString);
    assertTrue(info.getProcessors() > 0, info::toString);
    assertTrue(List.of("1", "2").contains(info.getCgroupVersion()), info::toString);
    assertFalse(info.getHandlersList().isEmpty(), info::toString);
    assertFalse(info.getHostname().isEmpty(), info::toString);
    node.runtime().kill();
    node.startAgain();
    assertEquals(info.getId(), client.node().info(NodeInfoRequest.getDefaultInstance()).getId());
  }

  private static String mountLine(Volume volume) throws IOException {
    return Files.readAllLines(Path.of("/proc/self/mounts")).stream()
        .filter(line -> line.split(" ")[1].equals(volume.getMountpoint()))
        .findFirst()
        .orElse("");
  }

  private static CreateVolumeRequest creating(String name, Map<String, String> options) {
    return CreateVolumeRequest.newBuilder().setName(name).putAllOptions(options).build();
  }

  private static Volume inspect(String name) {
    return client.volumes().inspect(InspectVolumeRequest.newBuilder().setName(name).build());
  }

  private static void remove(String name) {
    client.volumes().remove(RemoveVolumeRequest.newBuilder().setName(name).build());
  }

  private static void fails(String code, String words, Executable work) {
    StatusRuntimeException failure = assertThrows(StatusRuntimeException.class, work);
    assertEquals(code, failure.getStatus().getCode().name(), failure::toString);
    assertTrue(failure.getStatus().getDescription().contains(words), failure::toString);
  }
}
