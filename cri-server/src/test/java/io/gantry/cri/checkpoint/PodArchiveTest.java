package io.gantry.cri.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.cri.checkpoint.PodManifest.Saved;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.ContainerMetadata;
import io.gantry.proto.cri.v1.PodSandboxConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The directory that a pod's checkpoint is. */
class PodArchiveTest {
  private static final String ID = "0123456789abcdef".repeat(4);

  @TempDir Path directory;
  private PodArchive archive;

  @BeforeEach
  void open() {
    archive = new PodArchive(directory);
  }

  private static Saved saved(String id, String name) {
    return new Saved(
        id,
        "sha256:1",
        ContainerConfig.newBuilder()
            .setMetadata(ContainerMetadata.newBuilder().setName(name))
            .addCommand("sh")
            .build());
  }

  private static PodManifest manifest(Saved... containers) {
    PodSandboxConfig config = PodSandboxConfig.newBuilder().setHostname("h").build();
    return new PodManifest("pod", config, true, List.of(containers));
  }

  private void finish(PodManifest manifest) throws IOException {
    archive.finish(manifest, Instant.EPOCH, TimeLimit.of("test", 60));
  }

  private String refusal() {
    CriException refused = assertThrows(CriException.class, archive::read);
    assertEquals(Failure.INVALID_REQUEST, refused.failure());
    return refused.getMessage();
  }

  @Test
  void manifest_isReadAsItWasWritten() throws IOException {
    PodManifest manifest = manifest(saved(ID, "a"), saved(ID.replace('0', '1'), "b"));
    finish(manifest);

    assertEquals(manifest, archive.read());
  }

  @Test
  void directoryWithoutManifest_isNoCheckpoint() throws IOException {
    archive.claim();
    assertTrue(refusal().contains("pod.dump"));
  }

  @Test
  void containerWhoseIdIsAPath_isRefused() throws IOException {
    finish(manifest(saved("../../etc", "a")));
    assertTrue(refusal().contains("id"));
  }

  @Test
  void containersOfOneName_areRefused() throws IOException {
    finish(manifest(saved(ID, "a"), saved(ID.replace('0', '1'), "a")));
    assertTrue(refusal().contains("name"));
  }

  @Test
  void manifestOfAnotherKind_isRefused() throws IOException {
    for (String text : List.of("", "[]", "no", "{\"version\":2,\"runtime\":\"gantry\"}")) {
      Files.writeString(directory.resolve("pod.dump"), text);
      assertTrue(refusal().contains("pod.dump"), text);
    }
  }

  @Test
  void directory_isClaimedOnce() throws IOException {
    archive.claim();
    CriException refused =
        assertThrows(CriException.class, () -> new PodArchive(directory).claim());
    assertEquals(Failure.INVALID_REQUEST, refused.failure());
  }

  @Test
  void clear_leavesWhatIsNotOfTheCheckpoint() throws IOException {
    archive.claim();
    Files.createDirectories(archive.container(ID).resolve("checkpoint"));
    Files.createFile(archive.sharedMemory());
    Files.createFile(directory.resolve("mine"));
    finish(manifest(saved(ID, "a")));

    archive.clear();
    archive.clear();

    try (Stream<Path> left = Files.list(directory)) {
      assertEquals(List.of(directory.resolve("mine")), left.toList());
    }
  }
}
