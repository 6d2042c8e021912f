package io.gantry.cri.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.cri.pod.PodsFixture;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.ImageSpec;
import io.gantry.proto.cri.v1.LinuxContainerConfig;
import io.gantry.proto.cri.v1.LinuxContainerSecurityContext;
import io.gantry.proto.cri.v1.Mount;
import io.gantry.proto.cri.v1.NamespaceMode;
import io.gantry.proto.cri.v1.NamespaceOption;
import io.gantry.runtime.ttrpc.TtrpcException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CreateContainerTest {
  @TempDir Path directory;
  private Rig rig;

  @BeforeEach
  void setUp() throws Exception {
    rig = new Rig(directory);
  }

  @Test
  void create_handsTheShimAReadyBundle() throws Exception {
    FakeShim shim = rig.shims.next = new FakeShim("unix:///s");
    Container container =
        rig.created(Rig.config("web").setStdin(true).setStdinOnce(true).setTty(true).build());
    assertEquals(new State.Created(), container.state());
    assertEquals(List.of("create"), shim.calls);
    assertEquals(container.id(), shim.created.getId());
    assertEquals("overlay", shim.created.getRootfs(0).getType());
    assertEquals("gantry-stdin:///?once=true", shim.created.getStdin());
    assertEquals("gantry-attach:///", shim.created.getStdout());
    assertTrue(shim.created.getTerminal());
    assertTrue(Files.isRegularFile(Path.of(shim.created.getBundle(), "config.json")));
    assertEquals(List.of("CREATED"), rig.events);
  }

  @Test
  void create_recordNamesTheShimBeforeTheShimHearsOfTheContainer() throws Exception {
    FakeShim shim = rig.shims.next = new FakeShim("unix:///the-shim");
    CompletableFuture<String> onDisk = new CompletableFuture<>();
    shim.hook = call -> onDisk.complete(recordText());
    rig.created("web");
    assertTrue(onDisk.join().contains("unix:///the-shim"), onDisk.join());
    assertTrue(onDisk.join().contains("making"), onDisk.join());
  }

  private String recordText() {
    try (var files = Files.list(directory.resolve("containers"))) {
      return Files.readString(files.findFirst().orElseThrow());
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void create_unknownImageIsNotFoundAndLeavesNothing() throws Exception {
    ContainerConfig config =
        Rig.config("web").setImage(ImageSpec.newBuilder().setImage("nope")).build();
    CriException refused = assertThrows(CriException.class, () -> rig.created(config));
    assertEquals(Failure.NOT_FOUND, refused.failure());
    assertEquals("image \"nope\" not found: pull it first", refused.getMessage());
    assertNothingIsLeft();
  }

  @Test
  void create_imageVolumeThatIsNotHereHasTheKubeletsWord() throws Exception {
    ContainerConfig config =
        Rig.config("web")
            .addMounts(
                Mount.newBuilder()
                    .setContainerPath("/data")
                    .setReadonly(true)
                    .setImage(ImageSpec.newBuilder().setImage("nope")))
            .build();
    CriException refused = assertThrows(CriException.class, () -> rig.created(config));
    assertEquals(Failure.NOT_FOUND, refused.failure());
    assertTrue(refused.getMessage().startsWith("ImageVolumeMountFailed: "), refused.getMessage());
    assertNothingIsLeft();
  }

  @Test
  void create_badSpecificationLeavesNothing() throws Exception {
    ContainerConfig config =
        Rig.config("web")
            .addMounts(Mount.newBuilder().setHostPath("/nope").setContainerPath("/x"))
            .build();
    assertThrows(CriException.class, () -> rig.created(config));
    assertNothingIsLeft();
  }

  @Test
  void create_refusedByTheShimLeavesNothing() throws Exception {
    FakeShim shim = rig.shims.next = new FakeShim("unix:///s");
    shim.hook =
        call -> {
          if (call.equals("create")) {
            throw FakeShim.refuse("mount /proc: EPERM");
          }
        };
    TtrpcException refused = assertThrows(TtrpcException.class, () -> rig.created("web"));
    assertEquals("mount /proc: EPERM", refused.getMessage());
    assertEquals(List.of("create", "shutdown", "close"), shim.calls);
    assertNothingIsLeft();
  }

  private void assertNothingIsLeft() throws Exception {
    assertEquals(Set.of(), rig.images.snapshots.prepared);
    assertEquals(List.of(), rig.bundles.list());
    assertEquals(List.of(), List.copyOf(rig.containers.all()));
    try (var files = Files.list(directory.resolve("containers"))) {
      assertEquals(Optional.empty(), files.findFirst());
    }
  }

  @Test
  void create_againGetsTheSameContainerUntilItIsStarted() throws Exception {
    Container first = rig.created("web");
    assertEquals(first.id(), rig.created("web").id());
    assertEquals(1, rig.shims.started.size());

    rig.start(first);
    CriException refused = assertThrows(CriException.class, () -> rig.created("web"));
    assertEquals(Failure.ALREADY_EXISTS, refused.failure());
    assertTrue(refused.getMessage().contains(first.id()), refused::getMessage);
  }

  @Test
  void create_ofAnotherConfigurationIsRefusedNamingTheFirst() throws Exception {
    Container first = rig.created("web");
    CriException refused =
        assertThrows(CriException.class, () -> rig.created(Rig.config("web").setTty(true).build()));
    assertEquals(Failure.ALREADY_EXISTS, refused.failure());
    assertTrue(refused.getMessage().contains(first.id()), refused::getMessage);
    assertTrue(refused.getMessage().contains("another configuration"), refused::getMessage);
  }

  @Test
  void create_nameIsFreeAfterRemoval() throws Exception {
    rig.removal.remove(rig.created("web"));
    rig.created(Rig.config("web").setTty(true).build());
  }

  @Test
  void create_joinsTheSameRequestAtWork() throws Exception {
    FakeShim shim = rig.shims.next = new FakeShim("unix:///s");
    CountDownLatch inCreate = new CountDownLatch(1);
    CompletableFuture<Void> goOn = new CompletableFuture<>();
    shim.hook =
        call -> {
          inCreate.countDown();
          goOn.join();
        };
    CompletableFuture<String> first = async();
    assertTrue(inCreate.await(10, TimeUnit.SECONDS));
    CompletableFuture<String> second = async();
    CriException other =
        assertThrows(CriException.class, () -> rig.created(Rig.config("web").setTty(true).build()));
    assertEquals(Failure.ALREADY_EXISTS, other.failure());
    goOn.complete(null);
    assertEquals(first.get(10, TimeUnit.SECONDS), second.get(10, TimeUnit.SECONDS));
    assertEquals(1, rig.shims.started.size());
  }

  private CompletableFuture<String> async() {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return rig.created("web").id();
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
  }

  @Test
  void create_sharesThePidsOfARunningContainer() throws Exception {
    Container target = rig.running("target");
    Container debug = rig.created(sharingPidsOf(target));
    String spec = rig.bundles.specText(debug.id()).orElseThrow();
    assertTrue(spec.contains("/proc/" + FakeShim.PID + "/ns/pid"), spec);
  }

  @Test
  void create_targetThatEndsMeanwhileIsRefused() throws Exception {
    Container target = rig.running("target");
    FakeShim targetShim = rig.shims.last();
    FakeShim shim = rig.shims.next = new FakeShim("unix:///s");
    shim.hook =
        call -> {
          if (call.equals("create")) {
            targetShim.exit(0);
          }
        };
    CriException refused =
        assertThrows(CriException.class, () -> rig.created(sharingPidsOf(target)));
    assertEquals(Failure.WRONG_STATE, refused.failure());
    assertEquals(List.of("create", "delete", "shutdown", "close"), shim.calls);
  }

  private static ContainerConfig sharingPidsOf(Container target) {
    NamespaceOption.Builder options =
        NamespaceOption.newBuilder().setPid(NamespaceMode.TARGET).setTargetId(target.id());
    return Rig.config("debug")
        .setLinux(
            LinuxContainerConfig.newBuilder()
                .setSecurityContext(
                    LinuxContainerSecurityContext.newBuilder().setNamespaceOptions(options)))
        .build();
  }

  @Test
  void create_logsWhereThePodSaysWhateverThePathHolds() throws Exception {
    FakeShim shim = rig.shims.next = new FakeShim("unix:///s");
    Container container = rig.created(Rig.config("web").setLogPath("a b/100%?.log").build());
    assertEquals(
        directory.resolve("logs/a b/100%?.log"), container.record().logPath().orElseThrow());
    assertEquals(
        "gantry-log://" + directory + "/logs/a%20b/100%25%3F.log?max-line=16384",
        shim.created.getStdout());
    assertEquals(shim.created.getStdout(), shim.created.getStderr());
    assertTrue(Files.isDirectory(directory.resolve("logs/a b")));
  }

  @Test
  void create_withoutALogPathNothingIsLogged() throws Exception {
    FakeShim shim = rig.shims.next = new FakeShim("unix:///s");
    Container container = rig.created("web");
    assertTrue(container.record().logPath().isEmpty());
    assertFalse(shim.created.getStdout().startsWith("gantry-log:"), shim.created.getStdout());
  }

  @Test
  void create_inAPodWithoutALogDirectoryNothingIsLogged() throws Exception {
    Rig silent = new Rig(directory.resolve("silent"), "");
    Container container = silent.created(Rig.config("web").setLogPath("web.log").build());
    assertTrue(container.record().logPath().isEmpty());
  }

  @Test
  void create_ofATerminalLogsOneStream() throws Exception {
    FakeShim shim = rig.shims.next = new FakeShim("unix:///s");
    rig.created(Rig.config("web").setLogPath("web.log").setTty(true).build());
    assertTrue(shim.created.getTerminal());
    assertTrue(shim.created.getStdout().startsWith("gantry-log:"), shim.created.getStdout());
    assertEquals("", shim.created.getStderr());
  }

  @Test
  void create_logPathOutsideThePodsDirectoryIsRefused() throws Exception {
    ContainerConfig config = Rig.config("web").setLogPath("../../etc/cron.d/x").build();
    CriException refused = assertThrows(CriException.class, () -> rig.created(config));
    assertEquals(Failure.INVALID_REQUEST, refused.failure());
    assertTrue(refused.getMessage().contains("leaves the pod's log directory"));
    assertNothingIsLeft();
  }

  @Test
  void create_needsAReadyPodANameAndAnImage() throws Exception {
    assertThrows(CriException.class, () -> rig.created(Rig.config("").build()));
    assertThrows(CriException.class, () -> rig.created(Rig.config("web").clearImage().build()));
    PodsFixture.stop(rig.pods, Rig.POD);
    CriException refused = assertThrows(CriException.class, () -> rig.created("web"));
    assertEquals(Failure.WRONG_STATE, refused.failure());
  }
}
