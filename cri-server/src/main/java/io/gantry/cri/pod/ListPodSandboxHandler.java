package io.gantry.cri.pod;

import io.gantry.cri.grpc.Answers;
import io.gantry.cri.grpc.Batches;
import io.gantry.cri.grpc.Handler;
import io.gantry.cri.grpc.StreamHandler;
import io.gantry.proto.cri.v1.ListPodSandboxRequest;
import io.gantry.proto.cri.v1.ListPodSandboxResponse;
import io.gantry.proto.cri.v1.PodSandbox;
import io.gantry.proto.cri.v1.PodSandboxFilter;
import io.gantry.proto.cri.v1.StreamPodSandboxesRequest;
import io.gantry.proto.cri.v1.StreamPodSandboxesResponse;
import java.util.List;
import java.util.Map;

/** Lists the pods that match every part of a filter, oldest first: at once, or in batches. */
final class ListPodSandboxHandler
    implements Handler<ListPodSandboxRequest, ListPodSandboxResponse>,
        StreamHandler<StreamPodSandboxesRequest, StreamPodSandboxesResponse> {
  private final Pods pods;

  ListPodSandboxHandler(Pods pods) {
    this.pods = pods;
  }

  @Override
  public ListPodSandboxResponse handle(ListPodSandboxRequest request) {
    return ListPodSandboxResponse.newBuilder().addAllItems(found(request.getFilter())).build();
  }

  @Override
  public void handle(StreamPodSandboxesRequest request, Answers<StreamPodSandboxesResponse> answers)
      throws InterruptedException {
    Batches.send(
        found(request.getFilter()),
        batch -> StreamPodSandboxesResponse.newBuilder().addAllPodSandboxes(batch).build(),
        answers);
  }

  private List<PodSandbox> found(PodSandboxFilter filter) {
    return pods.list().stream().filter(pod -> matches(pod, filter)).map(PodView::listed).toList();
  }

  private static boolean matches(Pod pod, PodSandboxFilter filter) {
    Map<String, String> labels = pod.config().getLabelsMap();
    return pod.id().startsWith(filter.getId())
        && (!filter.hasState() || filter.getState().getState() == PodView.state(pod))
        && labels.entrySet().containsAll(filter.getLabelSelectorMap().entrySet());
  }
}
