package io.gantry.runtime.shim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.Empty;
import io.gantry.proto.bootstrap.v1.BootstrapParams;
import io.gantry.proto.bootstrap.v1.BootstrapResult;
import io.gantry.proto.events.TaskExit;
import io.gantry.proto.eventsttrpc.v1.ForwardRequest;
import io.gantry.proto.task.v3.DeleteResponse;
import io.gantry.proto.types.Envelope;
import io.gantry.proto.types.RuntimeInfo;
import io.gantry.runtime.ttrpc.TtrpcServer;
import io.gantry.runtime.ttrpc.TtrpcService;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The shim as containerd calls it: its actions, what they print, and the events it forwards. */
@Tag("root")
@Timeout(90)
class ContainerdContractRootTest {
  private static final String NAMESPACE = "k8s.io";

  @TempDir Path directory;
  private final BlockingQueue<Envelope> events = new LinkedBlockingQueue<>();
  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final ScheduledExecutorService timers = Executors.newScheduledThreadPool(1);
  private TtrpcServer containerd;
  private Path eventSocket;
  private String id;

  @BeforeEach
  void listen() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
    assumeTrue(Files.isExecutable(Path.of("/bin/busybox")), "needs busybox-static");
    id = "t" + ProcessHandle.current().pid() + "-" + directory.getFileName();
    eventSocket = directory.resolve("e");
    TtrpcService service =
        new TtrpcService(
            "containerd.services.events.ttrpc.v1.Events",
            Map.of(
                "Forward",
                call -> {
                  events.add(call.argument(ForwardRequest.parser()).getEnvelope());
                  call.reply(Empty.getDefaultInstance());
                }));
    containerd = new TtrpcServer(List.of(service), executor, timers, 1 << 20, count -> {});
    ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(eventSocket));
    executor.execute(
        () -> {
          try {
            containerd.serve(listener);
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        });
  }

  @AfterEach
  void close() throws Exception {
    if (containerd != null) {
      containerd.close();
    }
    executor.shutdownNow();
    timers.shutdownNow();
  }

  private byte[] run(Path bundle, byte[] stdin, Map<String, String> env, String... words)
      throws Exception {
    List<String> line = new ArrayList<>(ShimCommand.ofThisProcess().jvm());
    line.add(Shim.class.getName());
    line.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(line);
    builder.directory(bundle.toFile());
    builder.redirectError(directory.resolve("stderr").toFile());
    builder.environment().put("TTRPC_ADDRESS", eventSocket.toString());
    builder.environment().putAll(env);
    Process process = builder.start();
    try (var out = process.getOutputStream()) {
      out.write(stdin);
    }
    byte[] printed = process.getInputStream().readAllBytes();
    assertEquals(0, process.waitFor(), Files.readString(directory.resolve("stderr")));
    return printed;
  }

  private byte[] start(Path bundle) throws Exception {
    BootstrapParams params =
        BootstrapParams.newBuilder()
            .setInstanceId(id)
            .setNamespace(NAMESPACE)
            .setSocketDir(directory.resolve("s").toString())
            .build();
    return run(
        bundle,
        params.toByteArray(),
        Map.of(),
        "-namespace",
        NAMESPACE,
        "-address",
        "/run/containerd/containerd.sock",
        "-id",
        id,
        "start");
  }

  private Path socketOf(byte[] answer) throws Exception {
    BootstrapResult result = BootstrapResult.parseFrom(answer);
    assertEquals(3, result.getVersion());
    assertEquals("ttrpc", result.getProtocol());
    assertTrue(result.getAddress().startsWith("unix://"), result.getAddress());
    return Path.of(result.getAddress().substring("unix://".length()));
  }

  private List<String> topics(int count) throws Exception {
    List<String> topics = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Envelope event = events.poll(20, TimeUnit.SECONDS);
      assertTrue(event != null, "events so far: " + topics);
      assertEquals(NAMESPACE, event.getNamespace());
      topics.add(event.getTopic());
    }
    return topics;
  }

  @Test
  void events_comeInTheOrderOfTheContainersLife() throws Exception {
    Path bundle = new BusyboxBundle(directory, id, "sleep 0.5; exit 3").write();
    ShimUnderTest shim = ShimUnderTest.at(socketOf(start(bundle)));
    shim.run(id, bundle);
    shim.exec(id, "e1", "exit 4", "");
    shim.startExec(id, "e1");
    assertEquals(4, shim.exit(id, "e1").get().getExitStatus());
    assertEquals(3, shim.exitCode(id));
    shim.delete(id);
    shim.end();

    assertEquals(
        List.of("/tasks/create", "/tasks/start", "/tasks/exec-added", "/tasks/exec-started"),
        topics(4));
    Envelope execExit = events.poll(20, TimeUnit.SECONDS);
    TaskExit exec = TaskExit.parseFrom(execExit.getEvent().getValue());
    assertEquals("containerd.events.TaskExit", execExit.getEvent().getTypeUrl());
    assertEquals("e1", exec.getId());
    assertEquals(4, exec.getExitStatus());
    TaskExit init = TaskExit.parseFrom(events.poll(20, TimeUnit.SECONDS).getEvent().getValue());
    assertEquals(id, init.getId());
    assertEquals(3, init.getExitStatus());
    assertEquals(List.of("/tasks/delete"), topics(1));
  }

  @Test
  void shortLivedContainer_startsBeforeItExits() throws Exception {
    Path bundle = new BusyboxBundle(directory, id, "true").write();
    ShimUnderTest shim = ShimUnderTest.at(socketOf(start(bundle)));
    for (int i = 0; i < 5; i++) {
      shim.run(id, bundle);
      shim.exitCode(id);
      shim.delete(id);
      assertEquals(
          List.of("/tasks/create", "/tasks/start", "/tasks/exit", "/tasks/delete"), topics(4));
    }
    shim.end();
  }

  @Test
  void start_ofTheSameGroupFindsTheRunningShim() throws Exception {
    Path bundle =
        new BusyboxBundle(directory, id, "true")
            .annotation("io.kubernetes.cri.sandbox-id", "pod-" + id)
            .write();
    byte[] first = start(bundle);
    String ofFirst = id;
    id = id + "-b";
    Path other =
        new BusyboxBundle(directory, id, "true")
            .annotation("io.kubernetes.cri.sandbox-id", "pod-" + ofFirst)
            .write();
    assertEquals(socketOf(first), socketOf(start(other)));
    ShimUnderTest.at(socketOf(first)).end();
  }

  @Test
  void start_answersOlderContainerdsInTheirWords() {
    assertEquals("unix:///a", answer(Map.of()));
    assertEquals(
        "{\"version\":2,\"address\":\"unix:///a\",\"protocol\":\"ttrpc\"}",
        answer(Map.of("MAX_SHIM_VERSION", "2")));
  }

  private static String answer(Map<String, String> env) {
    return new String(StartAction.answer("unix:///a", false, env), StandardCharsets.UTF_8);
  }

  @Test
  void delete_clearsWhatADeadShimLeft() throws Exception {
    Path bundle = new BusyboxBundle(directory, id, "sleep 1000").write();
    ShimUnderTest shim = ShimUnderTest.at(socketOf(start(bundle)));
    int pid = shim.run(id, bundle);
    ProcessHandle process = ProcessHandle.of(shim.info().getPid()).orElseThrow();
    process.destroyForcibly();
    process.onExit().get(20, TimeUnit.SECONDS);
    assertTrue(ProcessHandle.of(pid).isPresent(), "the container outlives its shim");

    byte[] answer =
        run(
            bundle,
            new byte[0],
            Map.of(),
            "-namespace",
            NAMESPACE,
            "-id",
            id,
            "-bundle",
            bundle.toString(),
            "delete");

    assertEquals(137, DeleteResponse.parseFrom(answer).getExitStatus());
    assertFalse(runs(pid));
    assertFalse(Files.exists(Path.of("/sys/fs/cgroup/pids" + BusyboxBundle.cgroup(id))));
  }

  /** A zombie does not run: reaping what a dead shim left is init's part, and init may be slow. */
  private static boolean runs(int pid) throws IOException {
    Path stat = Path.of("/proc/" + pid + "/stat");
    return Files.exists(stat) && !Files.readString(stat).contains(") Z ");
  }

  @Test
  void info_and_version_areTold() throws Exception {
    RuntimeInfo info = RuntimeInfo.parseFrom(run(directory, new byte[0], Map.of(), "-info"));
    assertEquals("io.containerd.gantry.v2", info.getName());
    String version =
        new String(run(directory, new byte[0], Map.of(), "-v"), StandardCharsets.UTF_8);
    assertTrue(version.startsWith("containerd-shim-gantry-v2 "), version);
  }

  @Test
  void plan_printsTheLaunch() throws Exception {
    Path bundle = new BusyboxBundle(directory, id, "true").write();
    String plan =
        new String(
            run(directory, new byte[0], Map.of(), "plan", bundle.toString()),
            StandardCharsets.UTF_8);
    assertTrue(plan.contains("execve"), plan);
    assertTrue(plan.contains("pivot_root"), plan);
  }
}
