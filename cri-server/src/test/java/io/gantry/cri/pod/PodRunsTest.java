package io.gantry.cri.pod;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.proto.cri.v1.NamespaceMode;
import io.gantry.proto.cri.v1.NamespaceOption;
import io.gantry.proto.cri.v1.PodSandboxConfig;
import io.gantry.proto.cri.v1.RunPodSandboxRequest;
import io.gantry.proto.cri.v1.RunPodSandboxResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Requests for one pod that meet: its network plugin waits at a named pipe until the test lets it
 * go on.
 */
@Tag("root")
@Timeout(60)
class PodRunsTest {
  @TempDir private Path directory;
  private PodRig rig;
  private Path begun;
  private Path go;

  @BeforeEach
  void start() throws Exception {
    Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
    rig = new PodRig(directory);
    begun = pipe("begun");
    go = pipe("go");
    Path plugin = Files.createDirectories(directory.resolve("bin")).resolve("waiting");
    Files.writeString(
        plugin,
        """
        #!/bin/sh
        [ $CNI_COMMAND = ADD ] || exit 0
        echo begun >%s
        read answer <%s
        [ "$answer" = fine ] || { echo '{"code":100,"msg":"told to fail"}'; exit 1; }
        echo '{"cniVersion":"1.0.0","ips":[{"address":"10.9.8.7/24"}]}'
        """
            .formatted(begun, go));
    Files.setPosixFilePermissions(plugin, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.writeString(
        directory.resolve("net.d/a.conf"),
        "{\"cniVersion\":\"1.0.0\",\"name\":\"n\",\"type\":\"waiting\"}");
  }

  @AfterEach
  void stop() throws IOException {
    if (rig != null) {
      rig.close();
    }
  }

  private Path pipe(String name) throws Exception {
    Path path = directory.resolve(name);
    assertEquals(0, new ProcessBuilder("mkfifo", path.toString()).start().waitFor());
    return path;
  }

  /** Returns when the plugin runs. */
  private void awaitPlugin() throws IOException {
    assertEquals("begun\n", Files.readString(begun));
  }

  private void letPlugin(String answer) throws IOException {
    Files.writeString(go, answer + "\n");
  }

  private static PodSandboxConfig.Builder pod() {
    return PodRig.with("web", NamespaceOption.newBuilder().setPid(NamespaceMode.CONTAINER));
  }

  private CompletableFuture<String> runInBackground() {
    return CompletableFuture.supplyAsync(() -> rig.run(pod()));
  }

  @Test
  void equalRequest_joinsTheOneInFlight() throws Exception {
    CompletableFuture<String> first = runInBackground();
    awaitPlugin();
    CompletableFuture<String> second = runInBackground();
    letPlugin("fine");
    assertEquals(first.get(), second.get());
    assertEquals(1, rig.pods.list().size());
  }

  @Test
  void otherRequestOfTheSameName_isRefused() throws Exception {
    CompletableFuture<String> first = runInBackground();
    awaitPlugin();
    var e =
        assertThrows(
            StatusRuntimeException.class, () -> rig.run(pod().putLabels("other", "label")));
    assertEquals(Status.Code.ALREADY_EXISTS, e.getStatus().getCode());
    letPlugin("fine");
    first.get();
  }

  @Test
  void callerThatTimedOut_getsItsPodWhenItAsksAgain() throws Exception {
    var request = RunPodSandboxRequest.newBuilder().setConfig(pod()).build();
    CompletableFuture<RunPodSandboxResponse> impatient =
        CompletableFuture.supplyAsync(
            () -> rig.cri.withDeadlineAfter(1, TimeUnit.SECONDS).runPodSandbox(request));
    awaitPlugin();
    assertTrue(
        assertThrows(Exception.class, impatient::get).getMessage().contains("DEADLINE_EXCEEDED"));
    letPlugin("fine");
    String id = rig.run(pod()); // Joins, or comes after the end: either way its own pod.
    assertEquals("10.9.8.7", rig.status(id).getNetwork().getIp());
    assertEquals(1, rig.pods.list().size());
  }

  @Test
  void nameIsFreeAgain_afterAFailure() throws Exception {
    CompletableFuture<String> first = runInBackground();
    awaitPlugin();
    letPlugin("no");
    var e = assertThrows(Exception.class, first::get);
    assertTrue(e.getMessage().contains("told to fail"), e.getMessage());
    CompletableFuture<String> second = runInBackground();
    awaitPlugin();
    letPlugin("fine");
    second.get();
  }
}
