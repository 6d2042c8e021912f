package io.gantry.cri.streaming;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Handler;
import io.gantry.cri.pod.Pod;
import io.gantry.cri.pod.Pods;
import io.gantry.cri.streaming.portforward.PodLoopback;
import io.gantry.cri.streaming.portforward.PortForward;
import io.gantry.proto.cri.v1.PortForwardRequest;
import io.gantry.proto.cri.v1.PortForwardResponse;
import io.gantry.runtime.linux.Linux;

/** PortForward: promises connections to a pod's ports to whoever comes to the URL. */
public final class PortForwardHandler implements Handler<PortForwardRequest, PortForwardResponse> {
  private final StreamingServer server;
  private final Pods pods;
  private final Linux linux;

  public PortForwardHandler(StreamingServer server, Pods pods, Linux linux) {
    this.server = server;
    this.pods = pods;
    this.linux = linux;
  }

  @Override
  public PortForwardResponse handle(PortForwardRequest request) {
    String id = request.getPodSandboxId();
    if (id.isEmpty()) {
      throw CriException.invalid("port forward: pod_sandbox_id is missing");
    }
    for (int port : request.getPortList()) {
      if (!PortForward.isPort(port)) {
        throw CriException.invalid(
            "port forward to pod %s: port %d is not between 1 and 65535".formatted(id, port));
      }
    }
    Pod pod =
        pods.find(id)
            .orElseThrow(() -> CriException.notFound("port forward: no pod sandbox " + id));
    if (!pod.isReady()) {
      throw CriException.wrongState("port forward: pod sandbox " + pod.id() + " is not ready");
    }
    String url =
        server.promise(
            pod.id(),
            request.getPortList(),
            new PodLoopback(linux, pod.paths().networkNamespace()));
    return PortForwardResponse.newBuilder().setUrl(url).build();
  }
}
