package io.gantry.cri.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.gantry.cri.checkpoint.PodManifest.Saved;
import io.gantry.cri.container.ContainerMaker;
import io.gantry.cri.fault.FaultPoints;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.operation.Phase;
import io.gantry.cri.pod.FilledPods;
import io.gantry.cri.pod.Pod;
import io.gantry.cri.state.RecordFormat;
import io.gantry.cri.state.RecordStore;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.RestorePodRequest;
import io.gantry.proto.cri.v1.RunPodSandboxRequest;
import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes pods out of what was saved of others: the sandbox and each container, or nothing. The
 * processes go on when their containers are started. Thread-safe.
 */
public final class PodRestorations {
  private static final Logger log = LoggerFactory.getLogger(PodRestorations.class);

  private final FilledPods pods;
  private final ContainerMaker maker;
  private final SharedMemoryFiles sharedMemory;
  private final RecordStore<String> restorations;
  private final FaultPoints faults;

  PodRestorations(
      FilledPods pods,
      ContainerMaker maker,
      SharedMemoryFiles sharedMemory,
      RecordStore<String> restorations,
      FaultPoints faults) {
    this.pods = pods;
    this.maker = maker;
    this.sharedMemory = sharedMemory;
    this.restorations = restorations;
    this.faults = faults;
  }

  /**
   * Restores a pod whose containers' configurations fit the checkpoint.
   *
   * @return the pod's id
   * @throws CriException as RunPodSandbox and CreateContainer; TIMED_OUT
   */
  String restore(RestorePodRequest request, Path directory, PodManifest manifest, TimeLimit limit)
      throws IOException, InterruptedException {
    RunPodSandboxRequest pod =
        RunPodSandboxRequest.newBuilder()
            .setConfig(request.getConfig())
            .setRuntimeHandler(request.getRuntimeHandler())
            .build();
    return pods.make(request, pod, new Restored(request, directory, manifest, limit));
  }

  private final class Restored implements FilledPods.Filling {
    private final RestorePodRequest request;
    private final PodArchive archive;
    private final PodManifest manifest;
    private final TimeLimit limit;

    Restored(RestorePodRequest request, Path directory, PodManifest manifest, TimeLimit limit) {
      this.request = request;
      this.archive = new PodArchive(directory);
      this.manifest = manifest;
      this.limit = limit;
    }

    @Override
    public void begins(String podId) throws IOException {
      limit.left();
      restorations.add(podId, podId);
    }

    @Override
    public void fill(Pod pod) throws IOException, InterruptedException {
      if (manifest.sharedMemory()) {
        if (pod.paths().ipcNamespace().isEmpty()) {
          throw CriException.wrongState(
              "restore pod: the saved one had an IPC namespace of its own, this one is to have the node's");
        }
        Phase.begins("restore shared memory");
        sharedMemory.restore(archive.sharedMemory(), pod.paths().shm());
      }
      for (ContainerConfig config : request.getContainerConfigsList()) {
        limit.left();
        Saved saved = manifest.find(config.getMetadata().getName()).orElseThrow();
        maker.restore(pod, config, archive.container(saved.id()));
        faults.reach("pod's container restored");
      }
      limit.left();
    }

    @Override
    public void ended(String podId) throws IOException {
      restorations.remove(podId);
    }
  }

  /** Removes the pods that an earlier daemon left half restored. */
  public void recover() throws IOException, InterruptedException {
    for (String podId : restorations.load().keySet()) {
      try {
        pods.remove(podId);
        restorations.remove(podId);
        log.atInfo().addKeyValue("pod", podId).log("half-restored pod cleaned up");
      } catch (IOException | RuntimeException e) {
        log.atError()
            .setCause(e)
            .addKeyValue("pod", podId)
            .log("half-restored pod not removed; the next start tries again");
      }
    }
  }

  /** The intent to restore a pod, by the id of the new one. */
  static final class Format implements RecordFormat<String> {
    @Override
    public String kind() {
      return "pod-restoration";
    }

    @Override
    public int version() {
      return 1;
    }

    @Override
    public JsonNode write(String podId) {
      return JsonNodeFactory.instance.objectNode().put("podId", podId);
    }

    @Override
    public String read(JsonNode record, int version) {
      return record.path("podId").asText();
    }
  }
}
