package io.gantry.cri.status;

import io.gantry.cri.cni.NetworkTemplate;
import io.gantry.cri.grpc.Handler;
import io.gantry.proto.cri.v1.UpdateRuntimeConfigRequest;
import io.gantry.proto.cri.v1.UpdateRuntimeConfigResponse;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes note of the node's pod CIDR, the only thing that this RPC carries, and writes the pods'
 * network configuration from it where the node has a template for one. Elsewhere the configuration
 * is not gantry's to write; the CIDR is shown in Status for who looks after a mismatch. The kubelet
 * needs this RPC to succeed on nodes that are given a CIDR.
 */
public final class UpdateRuntimeConfigHandler
    implements Handler<UpdateRuntimeConfigRequest, UpdateRuntimeConfigResponse> {
  private static final Logger log = LoggerFactory.getLogger(UpdateRuntimeConfigHandler.class);

  private final Optional<NetworkTemplate> template;
  private volatile String podCidr = "";

  /**
   * @param template what to make a network configuration from; absent if none is to be made
   */
  public UpdateRuntimeConfigHandler(Optional<NetworkTemplate> template) {
    this.template = template;
  }

  @Override
  public UpdateRuntimeConfigResponse handle(UpdateRuntimeConfigRequest request) throws IOException {
    String cidr = request.getRuntimeConfig().getNetworkConfig().getPodCidr();
    // Also if it is the same: the file may have been removed since.
    boolean written = template.isPresent() && !cidr.isEmpty() && template.get().write(cidr);
    if (written || !cidr.equals(podCidr)) {
      podCidr = cidr;
      log.atInfo()
          .addKeyValue("pod_cidr", cidr)
          .log(
              written
                  ? "network configuration written for the pod CIDR"
                  : "pod CIDR noted; CNI configuration is left as it is");
    }
    return UpdateRuntimeConfigResponse.getDefaultInstance();
  }

  /** The last CIDR that was told; empty if none was. */
  Optional<String> podCidr() {
    return podCidr.isEmpty() ? Optional.empty() : Optional.of(podCidr);
  }
}
