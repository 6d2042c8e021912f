package io.gantry.cri.stats;

import io.gantry.cri.grpc.Answers;
import io.gantry.cri.grpc.Batches;
import io.gantry.cri.grpc.Handler;
import io.gantry.cri.grpc.StreamHandler;
import io.gantry.cri.pod.Pod;
import io.gantry.cri.pod.Pods;
import io.gantry.proto.cri.v1.ListPodSandboxStatsRequest;
import io.gantry.proto.cri.v1.ListPodSandboxStatsResponse;
import io.gantry.proto.cri.v1.PodSandboxStats;
import io.gantry.proto.cri.v1.PodSandboxStatsFilter;
import io.gantry.proto.cri.v1.StreamPodSandboxStatsRequest;
import io.gantry.proto.cri.v1.StreamPodSandboxStatsResponse;
import java.util.List;

/** ListPodSandboxStats and StreamPodSandboxStats: of those that are ready. */
final class ListPodSandboxStatsHandler
    implements Handler<ListPodSandboxStatsRequest, ListPodSandboxStatsResponse>,
        StreamHandler<StreamPodSandboxStatsRequest, StreamPodSandboxStatsResponse> {
  private final Pods pods;
  private final PodSampler sampler;
  private final StatsMessages messages;

  ListPodSandboxStatsHandler(Pods pods, PodSampler sampler, StatsMessages messages) {
    this.pods = pods;
    this.sampler = sampler;
    this.messages = messages;
  }

  @Override
  public ListPodSandboxStatsResponse handle(ListPodSandboxStatsRequest request)
      throws InterruptedException {
    return ListPodSandboxStatsResponse.newBuilder().addAllStats(found(request.getFilter())).build();
  }

  @Override
  public void handle(
      StreamPodSandboxStatsRequest request, Answers<StreamPodSandboxStatsResponse> answers)
      throws InterruptedException {
    Batches.send(
        found(request.getFilter()),
        batch -> StreamPodSandboxStatsResponse.newBuilder().addAllPodSandboxStats(batch).build(),
        answers);
  }

  private List<PodSandboxStats> found(PodSandboxStatsFilter filter) throws InterruptedException {
    List<Pod> matching =
        pods.list().stream().filter(pod -> pod.isReady() && matches(filter, pod)).toList();
    return sampler.of(matching).stream().map(messages::of).toList();
  }

  /** Every condition given must hold; ids match by their beginning, labels all and exactly. */
  private static boolean matches(PodSandboxStatsFilter filter, Pod pod) {
    return pod.id().startsWith(filter.getId())
        && pod.config()
            .getLabelsMap()
            .entrySet()
            .containsAll(filter.getLabelSelectorMap().entrySet());
  }
}
