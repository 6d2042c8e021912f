package io.gantry.cri.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.layers.LayerQuotas;
import io.gantry.image.snapshot.SnapshotMount;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.ContainerMetadata;
import io.gantry.proto.cri.v1.PodSandboxConfig;
import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.ProjectQuotas;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayerLimitTest {

  @TempDir Path directory;
  private final List<String> asked = new ArrayList<>();
  private final LayerLimit limit =
      new LayerLimit((directories, bytes) -> asked.add(directories + " " + bytes), () -> 70_000);

  private static PodSandboxConfig pod(Map<String, String> annotations) {
    return PodSandboxConfig.newBuilder().putAllAnnotations(annotations).build();
  }

  private static ContainerConfig container(String bytes) {
    ContainerConfig.Builder config =
        ContainerConfig.newBuilder().setMetadata(ContainerMetadata.newBuilder().setName("web"));
    return bytes.isEmpty()
        ? config.build()
        : config.putAnnotations(LayerLimit.MAX_BYTES, bytes).build();
  }

  private static final List<SnapshotMount> OVERLAY =
      List.of(
          new SnapshotMount(
              "overlay", "overlay", List.of("lowerdir=/l", "upperdir=/w/fs", "workdir=/w/work")));

  @Test
  void containersAnnotation_goesBeforeThePods_andThatBeforeTheConfiguration() throws IOException {
    Map<String, String> ofPod = Map.of(LayerLimit.MAX_BYTES, "90000");
    limit.apply(pod(Map.of()), container(""), OVERLAY);
    limit.apply(pod(ofPod), container(""), OVERLAY);
    limit.apply(pod(ofPod), container("80000"), OVERLAY);
    limit.apply(
        pod(Map.of()),
        container(""),
        List.of(new SnapshotMount("bind", "/w/fs", List.of("rbind", "rw"))));
    assertEquals(
        List.of(
            "[/w/fs, /w/work] 70000",
            "[/w/fs, /w/work] 90000",
            "[/w/fs, /w/work] 80000",
            "[/w/fs] 70000"),
        asked);
  }

  @Test
  void malformedLimit_isRefused() {
    for (String wrong : List.of("0", "-1", "1000", "10M", "1e9")) {
      CriException refused =
          assertThrows(
              CriException.class,
              () -> limit.apply(pod(Map.of()), container(wrong), OVERLAY),
              wrong);
      assertTrue(refused.getMessage().contains("of container web: \"" + wrong + "\""));
    }
  }

  /** A file system's account in memory. */
  private static final class Account implements ProjectQuotas {
    final Map<Long, Usage> usages = new HashMap<>();
    final List<Long> projects = new ArrayList<>();
    int lacking;

    @Override
    public long projectOf(Fd file) throws LinuxException {
      if (lacking != 0) {
        throw new LinuxException("project of it", lacking);
      }
      return 0;
    }

    @Override
    public void setProject(Fd file, long project) {
      projects.add(project);
    }

    @Override
    public Usage usage(Fd file, long project) {
      return usages.getOrDefault(project, new Usage(0, 0, 0));
    }

    @Override
    public void limit(Fd file, long project, long bytes) {
      usages.put(project, new Usage(4096, 1, bytes));
    }
  }

  @Test
  void eachLayer_isAProjectThatHasNoFiles_onAllItsDirectories() throws IOException {
    Account account = new Account();
    LayerQuotas quotas = new LayerQuotas(Linux.open().files(), account);
    Path upper = Files.createDirectory(directory.resolve("fs"));
    Path work = Files.createDirectory(directory.resolve("work"));
    account.usages.put(0x6761_0001L, new ProjectQuotas.Usage(1, 1, 0));

    quotas.limit(List.of(upper, work), 100_000);
    quotas.limit(List.of(upper, work), 0);

    assertEquals(List.of(0x6761_0000L, 0x6761_0000L, 0x6761_0002L, 0x6761_0002L), account.projects);
    assertEquals(100_000, account.usages.get(0x6761_0000L).limitBytes());
  }

  @Test
  void limit_thatTheFileSystemCannotKeep_isRefused_andNoLimitIsNot() throws IOException {
    Account account = new Account();
    account.lacking = Errno.EOPNOTSUPP;
    LayerQuotas quotas = new LayerQuotas(Linux.open().files(), account);
    List<SnapshotMount> here =
        List.of(new SnapshotMount("bind", directory.toString(), List.of("rbind")));
    new LayerLimit(quotas::limit, () -> 0).apply(pod(Map.of()), container(""), here);
    CriException refused =
        assertThrows(
            CriException.class,
            () ->
                new LayerLimit(quotas::limit, () -> 0)
                    .apply(pod(Map.of()), container("100000"), here));
    assertTrue(refused.getMessage().contains("mounted with prjquota"), refused.getMessage());
  }
}
