package io.gantry.cri.status;

import io.gantry.cri.grpc.Handler;
import io.gantry.proto.cri.v1.VersionRequest;
import io.gantry.proto.cri.v1.VersionResponse;

/**
 * Names the runtime. Its name becomes the scheme of container ids in a pod's status: {@code
 * gantry://…}.
 */
public final class VersionHandler implements Handler<VersionRequest, VersionResponse> {
  /**
   * The kubelet's own API version, which it compares with nothing but an equal constant of its own.
   */
  private static final String KUBELET_API_VERSION = "0.1.0";

  private static final String RUNTIME_NAME = "gantry";
  private static final String RUNTIME_API_VERSION = "v1";

  private final VersionResponse response;

  public VersionHandler(String runtimeVersion) {
    this.response =
        VersionResponse.newBuilder()
            .setVersion(KUBELET_API_VERSION)
            .setRuntimeName(RUNTIME_NAME)
            .setRuntimeVersion(runtimeVersion)
            .setRuntimeApiVersion(RUNTIME_API_VERSION)
            .build();
  }

  @Override
  public VersionResponse handle(VersionRequest request) {
    return response;
  }
}
