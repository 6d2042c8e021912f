package io.gantry.cri.container;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.cri.grpc.Handler;
import io.gantry.cri.protojson.ProtoJson;
import io.gantry.proto.cri.v1.ContainerStatusRequest;
import io.gantry.proto.cri.v1.ContainerStatusResponse;
import java.io.IOException;
import java.util.Optional;

/** ContainerStatus. */
public final class ContainerStatusHandler
    implements Handler<ContainerStatusRequest, ContainerStatusResponse> {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Containers containers;
  private final Bundles bundles;

  ContainerStatusHandler(Containers containers, Bundles bundles) {
    this.containers = containers;
    this.bundles = bundles;
  }

  @Override
  public ContainerStatusResponse handle(ContainerStatusRequest request) throws IOException {
    Container container = containers.get(request.getContainerId());
    ContainerRecord record = container.record();
    ContainerStatusResponse.Builder response =
        ContainerStatusResponse.newBuilder().setStatus(ContainerView.status(record));
    if (request.getVerbose()) {
      response.putInfo("info", info(container, record));
    }
    return response.build();
  }

  /** The keys are those that tools know from other runtimes. */
  private String info(Container container, ContainerRecord record) throws IOException {
    ObjectNode info = JSON.createObjectNode();
    info.put("sandboxID", record.podId());
    info.put("pid", record.state() instanceof State.Running running ? running.pid() : 0);
    info.put("removing", container.isRemoved());
    info.put("snapshotKey", record.id());
    info.put("snapshotter", "overlayfs");
    info.put("runtimeType", "io.containerd.gantry.v2");
    record.shimAddress().ifPresent(address -> info.put("shimAddress", address));
    info.set("config", ProtoJson.print(record.config()));
    Optional<String> spec = bundles.specText(record.id());
    if (spec.isPresent()) {
      try {
        info.set("runtimeSpec", JSON.readTree(spec.get()));
      } catch (JsonProcessingException e) {
        throw new IOException("specification of container " + record.id() + " is no JSON", e);
      }
    }
    return info.toString();
  }
}
