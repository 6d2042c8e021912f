package io.gantry.cri.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StartAndExitTest {
  @TempDir Path directory;
  private Rig rig;

  @BeforeEach
  void setUp() throws Exception {
    rig = new Rig(directory);
  }

  @Test
  void start_runs() throws Exception {
    Container container = rig.running("web");
    assertEquals(new State.Running(FakeShim.PID, Rig.NOW), container.state());
    assertEquals(List.of("CREATED", "STARTED"), rig.events);
  }

  @Test
  void start_twiceIsRefused() throws Exception {
    Container container = rig.running("web");
    CriException refused = assertThrows(CriException.class, () -> rig.start(container));
    assertEquals(Failure.WRONG_STATE, refused.failure());
  }

  @Test
  void start_failureLeavesItEndedWithStartError() throws Exception {
    Container container = rig.created("web");
    rig.shims.last().hook =
        call -> {
          if (call.equals("start")) {
            throw FakeShim.refuse("execve /nope: no such file");
          }
        };
    IOException failed = assertThrows(IOException.class, () -> rig.start(container));
    assertTrue(failed.getMessage().endsWith("execve /nope: no such file"));
    assertEquals(
        new State.Exited(
            Optional.empty(), Rig.NOW, 128, ExitReason.START_ERROR, "execve /nope: no such file"),
        container.state());
    assertTrue(rig.shims.last().calls.contains("delete"));
    assertTrue(container.record().shimAddress().isEmpty());
  }

  @ParameterizedTest
  @CsvSource({"0,0,COMPLETED", "3,0,ERROR", "137,0,ERROR", "137,2,OOM_KILLED", "3,2,ERROR"})
  void exit_isRecordedWithItsReason(int code, long oomKills, ExitReason reason) throws Exception {
    Container container = rig.running("web");
    rig.shims.last().oomKills = oomKills;
    rig.shims.last().exit(code);
    assertEquals(
        new State.Exited(Optional.of(Rig.NOW), FakeShim.EXITED_AT, code, reason, ""),
        container.state());
    assertEquals(List.of("CREATED", "STARTED", "STOPPED"), rig.events);
  }

  @Test
  void exit_readsTheOomCounterBeforeItIsDeleted() throws Exception {
    rig.running("web");
    rig.shims.last().exit(137);
    assertEquals(
        List.of("create", "start", "oomKills", "delete", "shutdown", "close"),
        rig.shims.last().calls);
  }

  @Test
  void exit_freesTheShimAndKeepsTheFiles() throws Exception {
    Container container = rig.running("web");
    rig.shims.last().exit(0);
    assertTrue(container.shim().isEmpty());
    assertTrue(container.record().shimAddress().isEmpty());
    assertTrue(rig.images.snapshots.prepared.contains(container.id()));
    assertEquals(List.of(container.id()), rig.bundles.list());
  }

  @Test
  void exit_isKnownEvenIfNotAllCouldBeFreed() throws Exception {
    Container container = rig.running("web");
    FakeShim shim = rig.shims.last();
    shim.hook =
        call -> {
          if (call.equals("delete")) {
            throw FakeShim.refuse("cgroup is busy");
          }
        };
    shim.exit(0);
    assertEquals(0, ((State.Exited) container.state()).exitCode());
    assertTrue(container.record().shimAddress().isPresent());
    shim.hook = call -> {};
    rig.removal.remove(container);
    assertEquals(2, shim.calls.stream().filter("delete"::equals).count());
  }

  @Test
  void lostConnection_isTakenUpAgain() throws Exception {
    Container container = rig.running("web");
    FakeShim again = new FakeShim("unix:///again");
    rig.shims.alive.put(container.id(), again);
    rig.shims.last().disconnect();
    assertTrue(container.state() instanceof State.Running);
    again.exit(5);
    assertEquals(5, ((State.Exited) container.state()).exitCode());
  }

  @Test
  void lostShim_endsTheContainerAndKillsWhatIsLeft() throws Exception {
    Container container = rig.running("web");
    rig.shims.last().lose();
    State.Exited exited = (State.Exited) container.state();
    assertEquals(255, exited.exitCode());
    assertEquals(ExitReason.STATUS_UNKNOWN, exited.reason());
    assertEquals(List.of(container.id()), rig.cleared);
    assertTrue(container.record().shimAddress().isEmpty());
  }

  @Test
  void lostShim_meansNothingOnceTheDaemonCloses() throws Exception {
    Container container = rig.running("web");
    rig.exits.close();
    rig.shims.last().disconnect();
    assertTrue(container.state() instanceof State.Running);
    assertFalse(rig.cleared.contains(container.id()));
  }
}
