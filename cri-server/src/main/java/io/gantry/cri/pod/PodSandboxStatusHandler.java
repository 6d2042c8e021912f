package io.gantry.cri.pod;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Handler;
import io.gantry.cri.protojson.ProtoJson;
import io.gantry.proto.cri.v1.PodSandboxStatusRequest;
import io.gantry.proto.cri.v1.PodSandboxStatusResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Says how a pod is; verbosely, also what it consists of. */
final class PodSandboxStatusHandler
    implements Handler<PodSandboxStatusRequest, PodSandboxStatusResponse> {
  private final Pods pods;
  private final PodNetwork network;
  private final PodConnections connections;
  private final SharedPid sharedPid;

  PodSandboxStatusHandler(
      Pods pods, PodNetwork network, PodConnections connections, SharedPid sharedPid) {
    this.pods = pods;
    this.network = network;
    this.connections = connections;
    this.sharedPid = sharedPid;
  }

  @Override
  public PodSandboxStatusResponse handle(PodSandboxStatusRequest request)
      throws CriException, IOException {
    String id = request.getPodSandboxId();
    Pod pod = pods.find(id).orElseThrow(() -> Pods.notFound(id));
    var response = PodSandboxStatusResponse.newBuilder().setStatus(PodView.status(everywhere(pod)));
    if (request.getVerbose()) {
      response.putInfo("info", info(pod).toString());
    }
    return response.build();
  }

  /** The pod with its addresses in all networks: the node's own first, if it is in that. */
  private Pod everywhere(Pod pod) {
    List<String> further = pod.isReady() ? connections.addresses(pod.id()) : List.of();
    return further.isEmpty()
        ? pod
        : pod.withIps(Stream.concat(pod.ips().stream(), further.stream()).toList());
  }

  /** The fields that tools read from other runtimes, by the same names, and then gantry's own. */
  private ObjectNode info(Pod pod) throws IOException {
    ObjectNode info = JsonNodeFactory.instance.objectNode();
    info.put("pid", sharedPid.process(pod).orElse(0));
    info.put("netNamespaceClosed", !pod.isReady() || pod.paths().networkNamespace().isEmpty());
    info.put("runtimeHandler", pod.runtimeHandler());
    info.set("config", ProtoJson.print(pod.config()));
    network.result(pod).ifPresent(result -> info.set("cniResult", result.json()));

    if (pod.state() instanceof PodState.NotReady state) {
      info.put("notReadyBecause", state.why());
    }
    info.put("hostname", pod.hostname());
    info.put("cgroupParent", pod.cgroupParent());
    PodPaths paths = pod.paths();
    ObjectNode namespaces = info.putObject("namespaces");
    Map.of(
            "network", paths.networkNamespace(),
            "ipc", paths.ipcNamespace(),
            "uts", paths.utsNamespace(),
            "pid", paths.pidNamespace())
        .forEach((kind, path) -> put(namespaces, kind, path));
    info.put("shm", paths.shm().toString());
    info.put("resolvConf", paths.resolvConf().toString());
    info.put("hosts", paths.hosts().toString());
    return info;
  }

  private static void put(ObjectNode object, String field, Optional<Path> path) {
    path.ifPresent(present -> object.put(field, present.toString()));
  }
}
