package io.gantry.cri.status;

import io.gantry.cri.grpc.Handler;
import io.gantry.proto.cri.v1.CgroupDriver;
import io.gantry.proto.cri.v1.LinuxRuntimeConfiguration;
import io.gantry.proto.cri.v1.RuntimeConfigRequest;
import io.gantry.proto.cri.v1.RuntimeConfigResponse;

/** Tells the kubelet which cgroup driver to use; it asks once, when it starts. */
public final class RuntimeConfigHandler
    implements Handler<RuntimeConfigRequest, RuntimeConfigResponse> {
  private final RuntimeConfigResponse response;

  /**
   * @param systemd whether systemd makes cgroups here
   */
  public RuntimeConfigHandler(boolean systemd) {
    CgroupDriver answer = systemd ? CgroupDriver.SYSTEMD : CgroupDriver.CGROUPFS;
    this.response =
        RuntimeConfigResponse.newBuilder()
            .setLinux(LinuxRuntimeConfiguration.newBuilder().setCgroupDriver(answer))
            .build();
  }

  @Override
  public RuntimeConfigResponse handle(RuntimeConfigRequest request) {
    return response;
  }
}
