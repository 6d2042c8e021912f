package io.gantry.cri.metrics;

import io.gantry.cri.grpc.Batches;
import io.gantry.cri.grpc.RpcService;
import io.gantry.cri.pod.Pod;
import io.gantry.cri.pod.Pods;
import io.gantry.cri.stats.PodSampler;
import io.gantry.proto.cri.v1.ListMetricDescriptorsResponse;
import io.gantry.proto.cri.v1.ListPodSandboxMetricsResponse;
import io.gantry.proto.cri.v1.MetricDescriptor;
import io.gantry.proto.cri.v1.PodSandboxMetrics;
import io.gantry.proto.cri.v1.RuntimeServiceGrpc;
import io.gantry.proto.cri.v1.StreamPodSandboxMetricsResponse;
import java.util.Arrays;
import java.util.List;

/** ListMetricDescriptors, ListPodSandboxMetrics and StreamPodSandboxMetrics. */
public final class MetricsRpcs {
  private final Pods pods;
  private final PodSampler sampler;
  private final PodMetrics metrics;

  public MetricsRpcs(Pods pods, PodSampler sampler, PodMetrics metrics) {
    this.pods = pods;
    this.sampler = sampler;
    this.metrics = metrics;
  }

  public void register(RpcService runtime) {
    ListMetricDescriptorsResponse descriptors =
        ListMetricDescriptorsResponse.newBuilder().addAllDescriptors(descriptors()).build();
    runtime
        .handle(RuntimeServiceGrpc.getListMetricDescriptorsMethod(), request -> descriptors)
        .handle(
            RuntimeServiceGrpc.getListPodSandboxMetricsMethod(),
            request ->
                ListPodSandboxMetricsResponse.newBuilder().addAllPodMetrics(measured()).build())
        .stream(
            RuntimeServiceGrpc.getStreamPodSandboxMetricsMethod(),
            (request, answers) ->
                Batches.send(
                    measured(),
                    batch ->
                        StreamPodSandboxMetricsResponse.newBuilder()
                            .addAllPodSandboxMetrics(batch)
                            .build(),
                    answers));
  }

  static List<MetricDescriptor> descriptors() {
    return Arrays.stream(MetricName.values()).map(MetricName::descriptor).toList();
  }

  private List<PodSandboxMetrics> measured() throws InterruptedException {
    List<Pod> ready = pods.list().stream().filter(Pod::isReady).toList();
    return sampler.of(ready).stream().map(metrics::of).toList();
  }
}
