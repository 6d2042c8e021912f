package io.gantry.cri.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.proto.cri.v1.RemoveContainerRequest;
import io.gantry.proto.cri.v1.Signal;
import io.gantry.proto.cri.v1.StopContainerRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StopAndRemoveTest {
  private static final Duration GRACE = Duration.ofSeconds(30);

  @TempDir Path directory;
  private Rig rig;

  @BeforeEach
  void setUp() throws Exception {
    rig = new Rig(directory);
  }

  @Test
  void stop_sendsSigkillAfterGracePeriod() throws Exception {
    Container container = rig.running("web");
    rig.stopping.stop(container, GRACE);
    assertEquals(List.of("kill 15", "kill 9 all"), kills());
    assertEquals(GRACE, rig.waits.get(0));
    assertEquals(137, ((State.Exited) container.state()).exitCode());
  }

  @Test
  void stop_doesNotKillWhatEndsInTime() throws Exception {
    Container container = rig.running("web");
    rig.whileWaiting = () -> rig.shims.last().exit(0);
    rig.stopping.stop(container, GRACE);
    assertEquals(List.of("kill 15"), kills());
    assertEquals(ExitReason.COMPLETED, ((State.Exited) container.state()).reason());
  }

  @Test
  void stop_timeoutZeroKillsAtOnce() throws Exception {
    rig.stopping.stop(rig.running("web"), Duration.ZERO);
    assertEquals(List.of("kill 9 all"), kills());
  }

  @Test
  void stop_usesTheSignalOfTheRequestThenOfTheImage() throws Exception {
    rig.images.stopSignal = Optional.of("SIGINT");
    rig.stopping.stop(rig.running("image"), GRACE);
    assertEquals("kill 2", kills().get(0));
    Container container =
        rig.created(Rig.config("request").setStopSignal(Signal.SIGNAL_SIGHUP).build());
    rig.start(container);
    rig.stopping.stop(container, GRACE);
    assertEquals("kill 1", kills().get(0));
  }

  @Test
  void stop_laterShorterTimeoutWinsAndDoesNotRepeatTheSignal() throws Exception {
    Container container = rig.running("web");
    List<String> order = new ArrayList<>();
    rig.whileWaiting =
        () -> {
          rig.whileWaiting = () -> {};
          order.add("second");
          stop(container, Duration.ofSeconds(1));
        };
    rig.stopping.stop(container, Duration.ofHours(1));
    assertEquals(List.of("second"), order);
    assertEquals(List.of("kill 15", "kill 9 all"), kills());
  }

  private void stop(Container container, Duration grace) {
    try {
      rig.stopping.stop(container, grace);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void stop_signalThatFailedIsSentAgain() throws Exception {
    Container container = rig.running("web");
    rig.shims.last().hook =
        call -> {
          throw FakeShim.refuse("no");
        };
    assertThrows(java.io.IOException.class, () -> rig.stopping.stop(container, GRACE));
    rig.shims.last().hook = call -> {};
    rig.stopping.stop(container, GRACE);
    assertEquals(List.of("kill 15", "kill 15", "kill 9 all"), kills());
  }

  @Test
  void stop_ofWhatDoesNotRunDoesNothing() throws Exception {
    Container container = rig.created("web");
    rig.stopping.stop(container, Duration.ZERO);
    assertEquals(new State.Created(), container.state());
    assertEquals(List.of(), kills());
  }

  @Test
  void stop_ofTheUnknownClearsWhatIsLeft() throws Exception {
    Container container = rig.running("web");
    try (Container.Operation operation = container.begin()) {
      rig.containers.put(operation, operation.record().with(new State.Unknown("odd")));
    }
    rig.stopping.stop(container, GRACE);
    assertEquals(ExitReason.STATUS_UNKNOWN, ((State.Exited) container.state()).reason());
    assertTrue(rig.shims.last().calls.contains("delete"));
  }

  @Test
  void stop_ofTheUnkillableTellsSo() throws Exception {
    Container container = rig.running("web");
    rig.shims.last().deadly.clear();
    CriException failed =
        assertThrows(CriException.class, () -> rig.stopping.stop(container, Duration.ZERO));
    assertEquals(Failure.TIMED_OUT, failed.failure());
  }

  @Test
  void stopAndRemove_ofTheUnknownSucceed() throws Exception {
    new StopContainerHandler(rig.containers, rig.stopping)
        .handle(StopContainerRequest.newBuilder().setContainerId("nope").build());
    new RemoveContainerHandler(rig.containers, rig.removal)
        .handle(RemoveContainerRequest.newBuilder().setContainerId("nope").build());
  }

  @Test
  void remove_leavesNothing() throws Exception {
    Container container = rig.created("web");
    rig.removal.remove(container);
    assertTrue(rig.shims.last().calls.containsAll(List.of("delete", "shutdown")));
    assertEquals(Set.of(), rig.images.snapshots.prepared);
    assertEquals(List.of(), rig.bundles.list());
    assertTrue(rig.containers.find(container.id()).isEmpty());
    assertEquals(List.of("CREATED", "DELETED"), rig.events);
  }

  @Test
  void remove_killsWhatRunsFirst() throws Exception {
    rig.removal.remove(rig.running("web"));
    assertEquals(List.of("kill 9 all"), kills());
    assertEquals(List.of("CREATED", "STARTED", "STOPPED", "DELETED"), rig.events);
  }

  @Test
  void remove_twiceSucceeds() throws Exception {
    Container container = rig.created("web");
    rig.removal.remove(container);
    rig.removal.remove(container);
  }

  @Test
  void remove_whileStartingWaitsForTheStartAndKills() throws Exception {
    Container container = rig.created("web");
    CountDownLatch starting = new CountDownLatch(1);
    CompletableFuture<Void> goOn = new CompletableFuture<>();
    rig.shims.last().hook =
        call -> {
          if (call.equals("start")) {
            starting.countDown();
            goOn.join();
          }
        };
    CompletableFuture<Void> start = async(() -> rig.start(container));
    assertTrue(starting.await(10, TimeUnit.SECONDS));
    CompletableFuture<Void> remove = async(() -> rig.removal.remove(container));
    assertFalse(remove.isDone());
    goOn.complete(null);
    start.get(10, TimeUnit.SECONDS);
    remove.get(10, TimeUnit.SECONDS);
    assertTrue(rig.containers.find(container.id()).isEmpty());
    assertEquals(List.of("kill 9 all"), kills());
  }

  @Test
  void start_afterRemoveIsNotFound() throws Exception {
    Container container = rig.created("web");
    rig.removal.remove(container);
    CriException refused = assertThrows(CriException.class, () -> rig.start(container));
    assertEquals(Failure.NOT_FOUND, refused.failure());
  }

  @Test
  void podsEnd_stopsAndRemovesItsContainers() throws Exception {
    Container one = rig.running("one");
    Container two = rig.running("two");
    Container idle = rig.created("idle");
    rig.ofPods.stopAll(Rig.POD);
    assertTrue(one.state() instanceof State.Exited && two.state() instanceof State.Exited);
    assertTrue(idle.state() instanceof State.Created);
    rig.ofPods.removeAll(Rig.POD);
    assertEquals(List.of(), rig.containers.list());
  }

  /** Some work on another thread. */
  private interface Work {
    void run() throws Exception;
  }

  private static CompletableFuture<Void> async(Work work) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            work.run();
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private List<String> kills() {
    return rig.shims.last().calls.stream().filter(call -> call.startsWith("kill")).toList();
  }
}
