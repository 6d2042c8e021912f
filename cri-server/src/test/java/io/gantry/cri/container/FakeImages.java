package io.gantry.cri.container;

import io.gantry.image.ImageRecord;
import io.gantry.image.Images;
import io.gantry.image.ImagesUsage;
import io.gantry.image.PullRequest;
import io.gantry.image.manifest.ImageConfig;
import io.gantry.image.reference.Digest;
import io.gantry.image.snapshot.Snapshots;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** One image, "busybox", and snapshots that are names only. */
public final class FakeImages implements Images {
  public static final Digest ID = Digest.sha256("busybox".getBytes(StandardCharsets.UTF_8));

  public final FakeSnapshots snapshots = new FakeSnapshots();
  public Optional<String> stopSignal = Optional.empty();

  @Override
  public Optional<ImageRecord> find(String nameOrId) {
    return nameOrId.equals("busybox") || nameOrId.equals(ID.toString())
        ? Optional.of(record())
        : Optional.empty();
  }

  private ImageRecord record() {
    ImageConfig config =
        new ImageConfig(
            "",
            List.of(),
            List.of("/bin/sh"),
            List.of(),
            "",
            Set.of(),
            stopSignal,
            Map.of(),
            Set.of());
    return new ImageRecord(
        ID,
        List.of("docker.io/library/busybox:latest"),
        List.of("docker.io/library/busybox@" + ID),
        1,
        config,
        Optional.empty(),
        "{}",
        Map.of(),
        List.of(),
        false,
        Instant.EPOCH);
  }

  @Override
  public CompletableFuture<ImageRecord> pull(PullRequest request) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<ImageRecord> list() {
    return List.of(record());
  }

  @Override
  public Snapshots snapshots() {
    return snapshots;
  }

  @Override
  public void remove(String nameOrId) {
    throw new UnsupportedOperationException();
  }

  @Override
  public ImagesUsage usage() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
