package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.proto.cri.v1.CheckpointPodRequest;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.ContainerState;
import io.gantry.proto.cri.v1.ListPodSandboxRequest;
import io.gantry.proto.cri.v1.PodSandboxConfig;
import io.gantry.proto.cri.v1.RestorePodRequest;
import io.gantry.proto.cri.v1.RestorePodResponse;
import io.gantry.proto.cri.v1.RestoredContainer;
import io.gantry.proto.cri.v1.RuntimeServiceGrpc.RuntimeServiceBlockingStub;
import io.gantry.proto.cri.v1.StatusRequest;
import io.gantry.tests.cri.ContainerLog;
import io.gantry.tests.cri.PodCheckpoint;
import io.gantry.tests.node.Leftovers;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.tools.Command;
import io.gantry.tests.tools.CriuProgram;
import io.gantry.tests.tools.DirectoryTree;
import io.gantry.tests.tools.Eventually;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Whole pods saved by CheckpointPod and brought back by RestorePod. */
@Tag("root")
class CheckpointPodIT {
  private static final String COUNTER =
      "echo kept > /made; n=0; while true; do n=$((n+1)); echo $n; sleep 0.1; done";

  /** Has a file of /dev/shm open all the time. */
  private static final String SHARER =
      "exec 3>/dev/shm/open; n=0; while true; do n=$((n+1)); echo $n >&3; echo $n; sleep 0.1; done";

  private static final Duration SOON = Duration.ofSeconds(20);

  private static CriuProgram criu;

  @RegisterExtension
  static final TestNode node =
      TestNode.withBusybox(
          directory -> {
            criu = CriuProgram.in(directory.path().resolve("criu"));
            return "\n[checkpoint]\ncriu = \"%s\"\n".formatted(criu.path());
          });

  private TestPod pod;
  private String counter;
  private String sharer;
  private Path output;

  @BeforeEach
  void runPod() throws IOException {
    pod = TestPod.run(node);
    counter = pod.run("counter", "sh", "-c", COUNTER);
    sharer = pod.run("sharer", "sh", "-c", SHARER);
    pod.awaitLog("counter", log -> last(log) >= 3);
    pod.awaitLog("sharer", log -> last(log) >= 3);
    output = Files.createTempDirectory(node.directory().scratch(), "pod");
  }

  @AfterEach
  void removePods() {
    criu.hang(false);
    criu.breakDown(false);
    node.removeAllPods();
  }

  private static int last(ContainerLog log) {
    List<String> lines = log.stdout().lines().toList();
    return lines.isEmpty() ? 0 : Integer.parseInt(lines.get(lines.size() - 1));
  }

  private static RuntimeServiceBlockingStub cri() {
    return node.cri().runtime();
  }

  private CheckpointPodRequest.Builder saving() {
    return PodCheckpoint.save(pod.id(), output, counter, sharer);
  }

  private void save() {
    cri().checkpointPod(saving().build());
  }

  private ContainerConfig config(String name, String script) {
    return pod.request(name, config -> config.addAllCommand(List.of("sh", "-c", script)))
        .getConfig();
  }

  private RestorePodRequest.Builder restoring() {
    PodSandboxConfig config = TestPod.config(node, other -> {});
    return PodCheckpoint.restore(
        output, config, List.of(config("counter", COUNTER), config("sharer", SHARER)));
  }

  private static Status.Code refusal(Runnable call) {
    return assertThrows(StatusRuntimeException.class, call::run).getStatus().getCode();
  }

  private Status.Code refusal(Consumer<CheckpointPodRequest.Builder> change) {
    CheckpointPodRequest.Builder request = saving();
    change.accept(request);
    return refusal(() -> cri().checkpointPod(request.build()));
  }

  private List<String> content() throws IOException {
    try (Stream<Path> all = Files.list(output)) {
      return all.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  private void assertBothGoOn() {
    for (String name : List.of("counter", "sharer")) {
      int then = last(pod.log(name));
      pod.awaitLog(name, log -> last(log) > then + 2);
    }
  }

  @Test
  void checkpoint_fillsTheDirectory_andAllContainersRunOn() throws IOException {
    long pid = pod.pid(counter);

    save();

    assertBothGoOn();
    assertEquals(pid, pod.pid(counter));
    assertEquals(List.of("containers", "devshm-checkpoint.tar", "pod.dump"), content());
    for (String container : List.of(counter, sharer)) {
      Path saved = output.resolve("containers").resolve(container);
      for (String file :
          List.of("checkpoint/inventory.img", "config.dump", "rootfs-diff.tar", "spec.dump")) {
        assertTrue(Files.isRegularFile(saved.resolve(file)), file);
      }
    }
    for (String file : List.of("devshm-checkpoint.tar", "pod.dump")) {
      assertEquals(
          "rw-------",
          PosixFilePermissions.toString(Files.getPosixFilePermissions(output.resolve(file))));
    }
    String memory =
        Command.of("tar", "-tf", output.resolve("devshm-checkpoint.tar").toString())
            .run()
            .orFail()
            .stdout();
    assertEquals("open\n", memory);
  }

  @Test
  void restoredPod_goesOnWhereItWasSaved_withItsSharedMemory() throws Exception {
    pod.execOutput(
        counter, "sh", "-c", "echo from counter > /dev/shm/note; chmod 640 /dev/shm/note");
    save();
    int counted = last(pod.log("counter"));
    pod.close();

    RestorePodRequest request = restoring().build();
    RestorePodResponse answer = cri().restorePod(request);
    // It is not the runtime's to need any more.
    DirectoryTree.delete(output);

    TestPod back = TestPod.of(node, request.getConfig(), answer.getPodSandboxId());
    Map<String, String> ids =
        answer.getRestoredContainersList().stream()
            .collect(
                Collectors.toMap(RestoredContainer::getName, RestoredContainer::getContainerId));
    assertEquals(2, ids.size());
    assertEquals(ContainerState.CONTAINER_CREATED, back.status(ids.get("counter")).getState());
    assertFalse(Files.exists(back.logFile("counter")) && last(back.log("counter")) > 0);
    ids.values().forEach(back::start);
    ContainerLog log = back.awaitLog("counter", lines -> last(lines) > counted);
    int first = Integer.parseInt(log.stdout().lines().findFirst().orElseThrow());
    assertTrue(first > 2 && first <= counted + 1, "it went on with " + first);
    assertEquals("kept\n", back.execOutput(ids.get("counter"), "cat", "/made"));
    assertEquals("from counter\n", back.execOutput(ids.get("sharer"), "cat", "/dev/shm/note"));
    assertEquals("640\n", back.execOutput(ids.get("sharer"), "stat", "-c", "%a", "/dev/shm/note"));
    assertEquals("1777\n", back.execOutput(ids.get("sharer"), "stat", "-c", "%a", "/dev/shm"));
    // What was written before is there, and is written on through the old descriptor.
    String open = back.execOutput(ids.get("sharer"), "head", "-n", "3", "/dev/shm/open");
    assertEquals("1\n2\n3\n", open);
    String script = "n=$(wc -l < /dev/shm/open); sleep 1; [ $(wc -l < /dev/shm/open) -gt $n ]";
    assertEquals("", back.execOutput(ids.get("sharer"), "sh", "-c", script));
  }

  @Test
  void deadline_thatPasses_thawsAllAndLeavesTheDirectoryEmpty() throws Exception {
    criu.hang(true);

    CompletableFuture<Status.Code> answer =
        CompletableFuture.supplyAsync(
            () ->
                refusal(
                    () ->
                        cri()
                            .withDeadlineAfter(4, TimeUnit.SECONDS)
                            .checkpointPod(saving().build())));
    for (String container : List.of(counter, sharer)) {
      Eventually.holds(
          "all are frozen while one is saved",
          SOON,
          () -> assertEquals("FROZEN\n", Files.readString(freezerOf(container))));
    }

    assertEquals(Status.Code.DEADLINE_EXCEEDED, answer.get());
    assertBothGoOn();
    Eventually.holds("nothing is left", SOON, () -> assertEquals(List.of(), content()));
    criu.hang(false);
    save();
  }

  private static Path freezerOf(String container) {
    return Path.of(
        "/sys/fs/cgroup/freezer", node.directory().cgroupParent(), container, "freezer.state");
  }

  @Test
  void deadline_thatPassesWhileRestoring_leavesNothing() {
    save();
    Leftovers before = Leftovers.of(node.directory());

    assertEquals(
        Status.Code.DEADLINE_EXCEEDED,
        refusal(
            () ->
                cri()
                    .withDeadlineAfter(100, TimeUnit.MILLISECONDS)
                    .restorePod(restoring().build())));

    Eventually.holds("the call has ended", SOON, () -> assertFalse(isRestoring()));
    assertOnlyThePodIsThere(before);
  }

  /** By the requests in flight, which the status tells. */
  private static boolean isRestoring() {
    return cri()
        .status(StatusRequest.newBuilder().setVerbose(true).build())
        .getInfoMap()
        .toString()
        .contains("RestorePod");
  }

  @Test
  void brokenCriu_isSaidBeforeAnythingIsDone() throws IOException {
    save();
    criu.breakDown(true);
    Path saved = output;
    output = Files.createTempDirectory(node.directory().scratch(), "none");

    assertEquals(Status.Code.FAILED_PRECONDITION, refusal(request -> {}));
    assertEquals(List.of(), content());
    output = saved;
    assertEquals(
        Status.Code.FAILED_PRECONDITION, refusal(() -> cri().restorePod(restoring().build())));
  }

  @Test
  void onlySomeContainers_canBeSaved() throws IOException {
    cri().checkpointPod(PodCheckpoint.save(pod.id(), output, counter).build());

    try (Stream<Path> saved = Files.list(output.resolve("containers"))) {
      assertEquals(List.of(counter), saved.map(path -> path.getFileName().toString()).toList());
    }
  }

  @Test
  void checkpoint_thatIsAskedForWrongly_isRefused() throws IOException {
    String ended = pod.run("ended", "true");
    pod.awaitExit(ended);
    TestPod other = TestPod.run(node);
    String foreign = other.run("foreign", "sleep", "1000");

    assertEquals(
        Status.Code.INVALID_ARGUMENT,
        refusal(() -> cri().withDeadline(null).checkpointPod(saving().build())));
    assertEquals(Status.Code.NOT_FOUND, refusal(request -> request.setPodSandboxId("none")));
    assertEquals(Status.Code.INVALID_ARGUMENT, refusal(request -> request.clearContainerIds()));
    assertEquals(
        Status.Code.INVALID_ARGUMENT, refusal(request -> request.addContainerIds(counter)));
    assertEquals(
        Status.Code.INVALID_ARGUMENT, refusal(request -> request.addContainerIds(foreign)));
    assertEquals(
        Status.Code.FAILED_PRECONDITION, refusal(request -> request.addContainerIds(ended)));
    assertEquals(
        Status.Code.INVALID_ARGUMENT, refusal(request -> request.putOptions("leave", "stopped")));
    assertEquals(
        Status.Code.INVALID_ARGUMENT, refusal(request -> request.setOutputPath("relative")));
    assertEquals(List.of(), content());
    Files.createFile(output.resolve("mine"));
    assertEquals(Status.Code.INVALID_ARGUMENT, refusal(request -> {}));
    assertEquals(List.of("mine"), content());
    assertBothGoOn();
  }

  private Status.Code restoreRefusal(Consumer<RestorePodRequest.Builder> change) {
    RestorePodRequest.Builder request = restoring();
    change.accept(request);
    return refusal(() -> cri().restorePod(request.build()));
  }

  @Test
  void restore_thatDoesNotFitTheCheckpoint_isRefusedAndLeavesNothing() throws IOException {
    save();
    Leftovers before = Leftovers.of(node.directory());

    assertEquals(
        Status.Code.INVALID_ARGUMENT,
        refusal(() -> cri().withDeadline(null).restorePod(restoring().build())));
    assertEquals(
        Status.Code.INVALID_ARGUMENT, restoreRefusal(request -> request.putOptions("x", "y")));
    assertEquals(
        Status.Code.INVALID_ARGUMENT,
        restoreRefusal(request -> request.setCheckpointPath(output.resolve("no").toString())));
    assertEquals(
        Status.Code.INVALID_ARGUMENT,
        restoreRefusal(request -> request.setCheckpointPath(node.directory().path().toString())));
    assertEquals(
        Status.Code.INVALID_ARGUMENT, restoreRefusal(request -> request.setRuntimeHandler("no")));
    assertEquals(
        Status.Code.INVALID_ARGUMENT, restoreRefusal(request -> request.removeContainerConfigs(1)));
    assertEquals(
        Status.Code.INVALID_ARGUMENT,
        restoreRefusal(request -> request.addContainerConfigs(config("third", COUNTER))));
    assertEquals(
        Status.Code.INVALID_ARGUMENT,
        restoreRefusal(request -> request.addContainerConfigs(config("counter", COUNTER))));
    assertEquals(
        Status.Code.FAILED_PRECONDITION,
        restoreRefusal(request -> request.setContainerConfigs(0, config("counter", SHARER))));
    assertEquals(
        Status.Code.ALREADY_EXISTS, restoreRefusal(request -> request.setConfig(pod.config())));

    assertOnlyThePodIsThere(before);
  }

  @Test
  void restore_thatFailsHalfWay_leavesNothing() {
    save();
    Leftovers before = Leftovers.of(node.directory());
    DirectoryTree.delete(output.resolve("containers").resolve(sharer).resolve("checkpoint"));

    assertEquals(Status.Code.INVALID_ARGUMENT, restoreRefusal(request -> {}));

    assertOnlyThePodIsThere(before);
  }

  private void assertOnlyThePodIsThere(Leftovers before) {
    assertEquals(
        List.of(pod.id()),
        cri().listPodSandbox(ListPodSandboxRequest.getDefaultInstance()).getItemsList().stream()
            .map(item -> item.getId())
            .toList());
    Eventually.holds(
        "nothing of another pod is left",
        SOON,
        () -> assertEquals("", Leftovers.of(node.directory()).differenceTo(before)));
  }
}
