package io.gantry.cri.pod;

import io.gantry.cri.grpc.Handler;
import io.gantry.proto.cri.v1.ListPodSandboxRequest;
import io.gantry.proto.cri.v1.ListPodSandboxResponse;
import io.gantry.proto.cri.v1.PodSandboxFilter;
import java.util.Map;

/** Lists the pods that match every part of a filter, oldest first. */
final class ListPodSandboxHandler
    implements Handler<ListPodSandboxRequest, ListPodSandboxResponse> {
  private final Pods pods;

  ListPodSandboxHandler(Pods pods) {
    this.pods = pods;
  }

  @Override
  public ListPodSandboxResponse handle(ListPodSandboxRequest request) {
    var response = ListPodSandboxResponse.newBuilder();
    pods.list().stream()
        .filter(pod -> matches(pod, request.getFilter()))
        .map(PodView::listed)
        .forEach(response::addItems);
    return response.build();
  }

  private static boolean matches(Pod pod, PodSandboxFilter filter) {
    Map<String, String> labels = pod.config().getLabelsMap();
    return pod.id().startsWith(filter.getId())
        && (!filter.hasState() || filter.getState().getState() == PodView.state(pod))
        && labels.entrySet().containsAll(filter.getLabelSelectorMap().entrySet());
  }
}
