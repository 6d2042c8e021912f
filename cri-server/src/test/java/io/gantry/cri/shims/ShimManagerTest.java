package io.gantry.cri.shims;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.cri.config.Config;
import io.gantry.cri.config.Sharing;
import io.gantry.runtime.shim.ShimCommand;
import io.gantry.runtime.ttrpc.TtrpcCode;
import io.gantry.runtime.ttrpc.TtrpcException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real shim processes, without containers. */
@Tag("root")
@Timeout(60)
class ShimManagerTest {
  private static final Duration IDLE = Duration.ofSeconds(1);
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @TempDir Path directory;

  @BeforeEach
  void needsRoot() {
    Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
  }

  private ShimManager manager(int poolSize) throws IOException {
    return manager(poolSize, IDLE);
  }

  private ShimManager manager(int poolSize, Duration idle) throws IOException {
    ShimSettings settings = new ShimSettings(directory, poolSize, LIMIT, idle);
    // An archive would take longer to make than these tests run.
    return ShimManager.open(
        settings,
        ShimCommand.ofThisProcess().withArchive(noArchive()),
        handlers(),
        ShimPlace.BESIDE_THE_DAEMON);
  }

  /** One for each way to share, named after it. */
  private Handlers handlers() {
    Map<String, Config.Runtime> byName = new TreeMap<>();
    for (Sharing sharing : Sharing.values()) {
      byName.put(
          sharing.toString(),
          new Config.Runtime(
              sharing.toString(),
              Config.Runtime.OWN_SHIM,
              sharing,
              Optional.empty(),
              Optional.empty(),
              false));
    }
    return new Handlers(
        new Config.Runtimes("container", byName), directory, "/usr/bin", Optional.empty());
  }

  private static Tenant tenant(String id) {
    return new Tenant(id, "pod-1", "container");
  }

  private Optional<Path> noArchive() {
    return Optional.of(directory.resolve("no.jsa"));
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> list = Files.list(directory)) {
      return list.filter(file -> !file.toString().endsWith(".jdk")).sorted().toList();
    }
  }

  private static ProcessHandle process(ShimConnection shim) {
    return ProcessHandle.of(shim.shimPid()).orElseThrow();
  }

  private static void awaitEnd(ProcessHandle process) throws Exception {
    process.onExit().get(20, TimeUnit.SECONDS);
  }

  @Test
  void start_givesAShimThatHoldsNothing() throws Exception {
    try (ShimManager manager = manager(0)) {
      ShimConnection shim = manager.start(tenant("c1"));
      ProcessHandle process = process(shim);
      assertEquals(List.of(), shim.info().getContainerIdsList());
      assertFalse(shim.info().getSpent());
      TtrpcException unknown = assertThrows(TtrpcException.class, () -> shim.state("c1"));
      assertEquals(TtrpcCode.NOT_FOUND, unknown.code());
      shim.shutdown();
      awaitEnd(process);
    }
  }

  @Test
  void close_endsAlsoAShimThatIsBeingStarted() throws Exception {
    ShimManager manager = manager(1, Duration.ofMinutes(10));
    while (shims().isEmpty()) {
      Thread.onSpinWait();
    }
    List<ProcessHandle> started = shims();

    manager.close();

    // The daemon's process may end now, and with it whoever could end the one being started.
    assertTrue(
        Thread.getAllStackTraces().keySet().stream()
            .noneMatch(thread -> thread.getName().equals("shim-pool")));
    for (ProcessHandle shim : started) {
      awaitEnd(shim);
    }
    assertEquals(List.of(), shims());
    assertEquals(List.of(), files());
  }

  /** Those that name this test's directory. */
  private List<ProcessHandle> shims() {
    return ProcessHandle.current()
        .descendants()
        .filter(child -> child.info().commandLine().orElse("").contains(directory.toString()))
        .toList();
  }

  @Test
  void shutdown_leavesNoFile() throws Exception {
    try (ShimManager manager = manager(0)) {
      ShimConnection shim = manager.start(tenant("c1"));
      ProcessHandle process = process(shim);
      assertEquals(2, files().size(), "socket and log");
      shim.shutdown();
      awaitEnd(process);
      awaitNoFiles();
    }
  }

  @Test
  void killedShim_isToldAndItsSocketRemoved() throws Exception {
    try (ShimManager manager = manager(0)) {
      ShimConnection shim = manager.start(tenant("c1"));
      var exit = shim.waitExit("c1");
      process(shim).destroyForcibly();
      shim.closed().get(10, TimeUnit.SECONDS);
      assertThrows(Exception.class, () -> exit.get(10, TimeUnit.SECONDS));
      TtrpcException lost = assertThrows(TtrpcException.class, shim::info);
      assertEquals(TtrpcCode.UNAVAILABLE, lost.code());
      assertThrows(IOException.class, () -> manager.reconnect(tenant("c1"), shim.address()));
      awaitNoFiles();
    }
  }

  @Test
  void reconnect_findsTheLivingShim() throws Exception {
    try (ShimManager manager = manager(0)) {
      ShimConnection shim = manager.start(tenant("c1"));
      int pid = shim.shimPid();
      ShimConnection again = manager.reconnect(tenant("c1"), shim.address());
      shim.close();
      assertEquals(pid, again.shimPid());
      ProcessHandle process = process(again);
      again.shutdown();
      awaitEnd(process);
    }
  }

  @Test
  void warmShims_areGivenOnceAndReplaced() throws Exception {
    ProcessHandle[] processes = new ProcessHandle[4];
    try (ShimManager manager = manager(2)) {
      ShimConnection first = manager.start(tenant("c1"));
      ShimConnection second = manager.start(tenant("c2"));
      assertNotEquals(first.shimPid(), second.shimPid());
      processes[0] = process(first);
      processes[1] = process(second);
      first.shutdown();
      second.shutdown();
      awaitEnd(processes[0]);
      awaitEnd(processes[1]);
    }
    // Those still warm end with the manager.
    awaitNoFiles();
  }

  @Test
  void lonelyShim_endsByItself() throws Exception {
    ShimManager manager = manager(0);
    ShimConnection shim = manager.start(tenant("c1"));
    ProcessHandle process = process(shim);
    shim.close();
    awaitEnd(process);
    manager.close();
  }

  @Test
  void recover_endsWarmShimsAndRemovesDeadSockets() throws Exception {
    ShimManager killed = manager(0);
    ShimConnection warm = killed.start(tenant("c1"));
    ShimConnection dead = killed.start(tenant("c2"));
    ProcessHandle warmProcess = process(warm);
    Path deadSocket = TaskConnection.socketOf(dead.address());
    process(dead).destroyForcibly();
    dead.closed().get(10, TimeUnit.SECONDS);
    awaitGone(deadSocket);
    Files.createFile(deadSocket);

    try (ShimManager manager = manager(0)) {
      Map<String, ShimConnection> found = manager.recover(List.of(tenant("c1")));
      assertEquals(Map.of(), found);
      awaitEnd(warmProcess);
      awaitNoFiles();
    }
  }

  @Test
  void podSharing_givesContainersOfOnePodOneShim_whichTheLastEnds() throws Exception {
    try (ShimManager manager = manager(0)) {
      ShimConnection first = manager.start(new Tenant("c1", "pod-1", "pod"));
      ShimConnection second = manager.start(new Tenant("c2", "pod-1", "pod"));
      ShimConnection other = manager.start(new Tenant("c3", "pod-2", "pod"));
      assertEquals(first.shimPid(), second.shimPid());
      assertNotEquals(first.shimPid(), other.shimPid());
      first.shutdown();
      first.close();
      assertEquals(second.shimPid(), second.info().getPid(), "it stays for the second");
      ProcessHandle shared = process(second);
      second.shutdown();
      awaitEnd(shared);
      assertEquals(other.shimPid(), other.info().getPid());
      ShimConnection anew = manager.start(new Tenant("c4", "pod-1", "pod"));
      assertNotEquals(shared.pid(), anew.shimPid());
      anew.shutdown();
      other.shutdown();
    }
  }

  @Test
  void nodeSharing_givesAllPodsOneShim_whichEndsWhenIdle() throws Exception {
    try (ShimManager manager = manager(0)) {
      ShimConnection first = manager.start(new Tenant("c1", "pod-1", "node"));
      ShimConnection second = manager.start(new Tenant("c2", "pod-2", "node"));
      assertEquals(first.shimPid(), second.shimPid());
      ProcessHandle shared = process(first);
      first.shutdown();
      first.close();
      second.shutdown();
      assertEquals(second.shimPid(), second.info().getPid(), "nobody tells it to end");
      second.close();
      awaitEnd(shared);
    }
  }

  @Test
  void deathOfASharedShim_isLostByAll_andTheNextContainerGetsANewOne() throws Exception {
    try (ShimManager manager = manager(0)) {
      ShimConnection first = manager.start(new Tenant("c1", "pod-1", "pod"));
      ShimConnection second = manager.start(new Tenant("c2", "pod-1", "pod"));
      ProcessHandle shared = process(first);
      shared.destroyForcibly();
      first.closed().get(10, TimeUnit.SECONDS);
      second.closed().get(10, TimeUnit.SECONDS);
      ShimConnection third = manager.start(new Tenant("c3", "pod-1", "pod"));
      assertNotEquals(shared.pid(), third.shimPid());
      // Who has lost the old one must not end the new one.
      first.shutdown();
      assertEquals(third.shimPid(), third.info().getPid());
      third.shutdown();
    }
  }

  @Test
  void shimThatCannotStart_isAnErrorThatSaysWhy() throws Exception {
    ShimSettings settings = ShimSettings.of(directory, 0, LIMIT);
    ShimCommand broken = ShimCommand.ofThisProcess().withMoreFlags(List.of("-Xmx1"));
    try (ShimManager manager =
        ShimManager.open(
            settings, broken.withArchive(noArchive()), handlers(), ShimPlace.BESIDE_THE_DAEMON)) {
      IOException failure = assertThrows(IOException.class, () -> manager.start(tenant("c1")));
      assertTrue(failure.getMessage().contains("c1"), failure.getMessage());
      assertTrue(failure.getMessage().contains("heap"), failure.getMessage());
    }
    assertEquals(List.of(), files());
  }

  @Test
  void directoryTooLongForSockets_isRefused() {
    Path deep = directory.resolve("x".repeat(100));
    assertThrows(IllegalArgumentException.class, () -> ShimSettings.of(deep, 0, LIMIT));
  }

  private void awaitGone(Path file) throws Exception {
    try (var watch = directory.getFileSystem().newWatchService()) {
      directory.register(watch, java.nio.file.StandardWatchEventKinds.ENTRY_DELETE);
      while (Files.exists(file)) {
        var key = watch.poll(20, TimeUnit.SECONDS);
        assertTrue(key != null, file + " stays");
        key.reset();
      }
    }
  }

  private void awaitNoFiles() throws Exception {
    for (Path file : files()) {
      awaitGone(file);
    }
    assertEquals(List.of(), files());
  }
}
