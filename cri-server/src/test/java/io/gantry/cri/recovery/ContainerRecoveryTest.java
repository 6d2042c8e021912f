package io.gantry.cri.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.cri.container.Container;
import io.gantry.cri.container.ExitReason;
import io.gantry.cri.container.FakeShim;
import io.gantry.cri.container.Rig;
import io.gantry.cri.container.State;
import io.gantry.proto.tasktypes.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainerRecoveryTest {
  @TempDir Path directory;
  @TempDir Path parent;
  private Rig before;
  private Rig after;

  @BeforeEach
  void setUp() throws Exception {
    before = new Rig(directory);
  }

  /**
   * The daemon dies, and another one starts on the same files; shims live as the test has put them
   * into alive.
   */
  private Container recover(Container container, FakeShim shim) throws Exception {
    before.exits.close();
    after = new Rig(directory);
    after.images.snapshots.prepared.addAll(before.images.snapshots.prepared);
    if (shim != null) {
      after.shims.alive.put(container.id(), shim);
    }
    recovery(true).run();
    return after.containers.find(container.id()).orElse(null);
  }

  private ContainerRecovery recovery(boolean podExists) {
    return new ContainerRecovery(
        after.containers,
        after.shims,
        after.exits,
        after.release,
        after.removal,
        new Orphans(after.bundles, after.images.snapshots, after.cleared::add, after.layers::owns),
        id -> podExists);
  }

  @Test
  void run_runningContainerIsWatchedAgain() throws Exception {
    Container old = before.running("web");
    FakeShim shim = before.shims.last();
    Container container = recover(old, shim);
    assertEquals(new State.Running(FakeShim.PID, Rig.NOW), container.state());
    shim.exit(9);
    assertEquals(9, ((State.Exited) container.state()).exitCode());
  }

  @Test
  void run_exitWhileAwayIsReported() throws Exception {
    Container old = before.running("web");
    before.exits.close();
    FakeShim shim = new FakeShim("unix:///s");
    shim.exit(4);
    Container container = recover(old, shim);
    State.Exited exited = (State.Exited) container.state();
    assertEquals(4, exited.exitCode());
    assertEquals(FakeShim.EXITED_AT, exited.finishedAt());
    assertEquals(ExitReason.ERROR, exited.reason());
  }

  @Test
  void run_shimThatIsGoneMeansAnUnseenEnd() throws Exception {
    Container container = recover(before.running("web"), null);
    State.Exited exited = (State.Exited) container.state();
    assertEquals(255, exited.exitCode());
    assertEquals(ExitReason.STATUS_UNKNOWN, exited.reason());
    assertEquals(List.of(container.id()), after.cleared);
  }

  @Test
  void run_createdContainerStaysCreated() throws Exception {
    Container old = before.created("web");
    Container container = recover(old, before.shims.last());
    assertEquals(new State.Created(), container.state());
    after.start(container);
  }

  @Test
  void run_startThatWasNotRecordedIsFoundOut() throws Exception {
    Container old = before.created("web");
    FakeShim shim = before.shims.last();
    shim.status = Status.RUNNING;
    Container container = recover(old, shim);
    assertTrue(container.state() instanceof State.Running);
  }

  @Test
  void run_halfMadeContainerIsUndone() throws Exception {
    FakeShim shim = before.shims.next = new FakeShim("unix:///s");
    Container old = crashWhileCreating();
    shim.hook = call -> {};
    recover(old, shim);
    assertTrue(shim.calls.contains("delete"));
    assertEquals(Set.of(), after.images.snapshots.prepared);
    assertEquals(List.of(), after.bundles.list());
    assertTrue(after.containers.all().isEmpty());
  }

  /** A copy of the files as they are inside the shim's create stands for a crash there. */
  private Container crashWhileCreating() throws Exception {
    FakeShim shim = before.shims.next;
    Path crashed = parent.resolve("crashed");
    Container[] made = new Container[1];
    shim.hook =
        call -> {
          if (call.equals("create")) {
            made[0] = before.containers.all().iterator().next();
            copy(directory, crashed);
          }
        };
    before.created("web");
    directory = crashed;
    return made[0];
  }

  private static void copy(Path from, Path to) {
    try (var files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file)));
      }
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void run_releaseThatWasCutShortIsFinished() throws Exception {
    Container old = before.running("web");
    FakeShim shim = before.shims.last();
    shim.hook =
        call -> {
          if (call.equals("delete")) {
            throw FakeShim.refuse("busy");
          }
        };
    shim.exit(0);
    shim.hook = call -> {};
    Container container = recover(old, shim);
    assertEquals(0, ((State.Exited) container.state()).exitCode());
    assertTrue(container.record().shimAddress().isEmpty());
    assertTrue(shim.calls.contains("shutdown"));
  }

  @Test
  void run_containerWithoutAPodIsRemoved() throws Exception {
    Container old = before.running("web");
    before.exits.close();
    after = new Rig(directory);
    after.shims.alive.put(old.id(), before.shims.last());
    recovery(false).run();
    assertTrue(after.containers.all().isEmpty());
  }

  @Test
  void run_orphansAreRemoved() throws Exception {
    before.exits.close();
    after = new Rig(directory);
    Files.createDirectories(after.bundles.path("orphan"));
    after.images.snapshots.prepared.add("orphan");
    recovery(true).run();
    assertEquals(List.of("orphan"), after.cleared);
    assertEquals(List.of(), after.bundles.list());
    assertEquals(Set.of(), after.images.snapshots.prepared);
  }

  @Test
  void run_oneBadContainerDoesNotStopTheOthers() throws Exception {
    Container bad = before.running("bad");
    FakeShim badShim = before.shims.last();
    Container good = before.running("good");
    FakeShim goodShim = before.shims.last();
    badShim.hook =
        call -> {
          throw FakeShim.refuse("nonsense");
        };
    before.exits.close();
    after = new Rig(directory);
    after.shims.alive.put(bad.id(), badShim);
    after.shims.alive.put(good.id(), goodShim);
    recovery(true).run();
    assertTrue(after.containers.get(bad.id()).state() instanceof State.Unknown);
    assertTrue(after.containers.get(good.id()).state() instanceof State.Running);
  }

  @Test
  void run_shimsAreAskedOneByOneIfTheyCannotBeLookedThrough() throws Exception {
    Container old = before.running("web");
    before.exits.close();
    after = new Rig(directory);
    after.shims.failRecover = true;
    after.shims.alive.put(old.id(), before.shims.last());
    recovery(true).run();
    assertTrue(after.containers.get(old.id()).state() instanceof State.Running);
  }
}
