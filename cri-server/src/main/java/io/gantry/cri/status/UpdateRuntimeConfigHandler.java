package io.gantry.cri.status;

import io.gantry.cri.grpc.Handler;
import io.gantry.proto.cri.v1.UpdateRuntimeConfigRequest;
import io.gantry.proto.cri.v1.UpdateRuntimeConfigResponse;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes note of the node's pod CIDR, the only thing that this RPC carries. Addresses are given out
 * by the CNI plugins from their own configuration, which is not gantry's to write; the CIDR is
 * shown in Status for who looks after a mismatch. The kubelet needs this RPC to succeed on nodes
 * that are given a CIDR.
 */
public final class UpdateRuntimeConfigHandler
    implements Handler<UpdateRuntimeConfigRequest, UpdateRuntimeConfigResponse> {
  private static final Logger log = LoggerFactory.getLogger(UpdateRuntimeConfigHandler.class);

  private volatile String podCidr = "";

  @Override
  public UpdateRuntimeConfigResponse handle(UpdateRuntimeConfigRequest request) {
    String cidr = request.getRuntimeConfig().getNetworkConfig().getPodCidr();
    if (!cidr.equals(podCidr)) {
      podCidr = cidr;
      log.atInfo()
          .addKeyValue("pod_cidr", cidr)
          .log("pod CIDR noted; CNI configuration is left as it is");
    }
    return UpdateRuntimeConfigResponse.getDefaultInstance();
  }

  /** The last CIDR that was told; empty if none was. */
  Optional<String> podCidr() {
    return podCidr.isEmpty() ? Optional.empty() : Optional.of(podCidr);
  }
}
