package io.gantry.cri.container;

import io.gantry.image.snapshot.ChainId;
import io.gantry.image.snapshot.SnapshotMount;
import io.gantry.image.snapshot.Snapshots;
import io.gantry.image.tree.DiskUsage;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Snapshots that are names only. */
public final class FakeSnapshots implements Snapshots {
  public final Set<String> prepared = new HashSet<>();

  @Override
  public List<SnapshotMount> prepare(String key, Optional<ChainId> chain) {
    prepared.add(key);
    return List.of(new SnapshotMount("overlay", "overlay", List.of("lowerdir=/l")));
  }

  @Override
  public List<Path> view(String key, Optional<ChainId> chain) {
    prepared.add(key);
    return List.of();
  }

  @Override
  public List<SnapshotMount> mounts(String key) {
    return List.of();
  }

  @Override
  public void remove(String key) {
    prepared.remove(key);
  }

  @Override
  public DiskUsage usage(String key) {
    return DiskUsage.NONE;
  }

  @Override
  public void writeChanges(String key, OutputStream to) throws IOException {
    to.write("changes".getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void applyChanges(String key, InputStream changes) {}

  @Override
  public Set<String> list() {
    return Set.copyOf(prepared);
  }

  @Override
  public Optional<byte[]> readFile(String key, String path, int limitBytes) {
    return Optional.empty();
  }
}
