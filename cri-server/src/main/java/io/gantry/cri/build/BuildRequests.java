package io.gantry.cri.build;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.cri.images.AuthConfigs;
import io.gantry.image.build.BuildLimits;
import io.gantry.image.build.BuildRequest;
import io.gantry.image.registry.Credentials;
import io.gantry.proto.cri.v1.AuthConfig;
import io.gantry.proto.v1.BuildStart;
import java.util.HashMap;
import java.util.Map;

/** Requests for builds in the image service's words. */
final class BuildRequests {
  private BuildRequests() {}

  /**
   * @throws CriException INVALID_REQUEST for what is malformed, NOT_BUILT for what builds do not do
   */
  static BuildRequest of(BuildStart start) {
    if (start.getSquash()) {
      throw new CriException(
          Failure.NOT_BUILT, "build: squashing an image's layers into one is not built");
    }
    String network = start.getNetworkMode().isEmpty() ? "default" : start.getNetworkMode();
    Map<String, byte[]> secrets = new HashMap<>();
    start.getSecretsMap().forEach((id, content) -> secrets.put(id, content.toByteArray()));
    return new BuildRequest(
        start.getDockerfile(),
        start.getTagsList(),
        start.getArgumentsMap(),
        start.getLabelsMap(),
        start.getTarget(),
        start.getNoCache(),
        start.getPull(),
        start.getPlatform(),
        network,
        start.getExtraHostsList(),
        host -> credentials(start, host),
        limits(start.getLimits()),
        secrets,
        start.getCacheFromList());
  }

  /** Registries are named in several ways, by Docker's above all. */
  private static Credentials credentials(BuildStart start, String host) {
    for (Map.Entry<String, AuthConfig> one : start.getAuthsMap().entrySet()) {
      AuthConfig auth =
          one.getValue().getServerAddress().isEmpty()
              ? one.getValue().toBuilder().setServerAddress(one.getKey()).build()
              : one.getValue();
      Credentials credentials = AuthConfigs.parse(auth, host);
      if (!(credentials instanceof Credentials.Anonymous)) {
        return credentials;
      }
    }
    return new Credentials.Anonymous();
  }

  private static BuildLimits limits(io.gantry.proto.v1.BuildLimits limits) {
    return new BuildLimits(
        limits.getMemoryBytes(),
        limits.getMemorySwapBytes(),
        limits.getCpuShares(),
        limits.getCpuQuota(),
        limits.getCpuPeriod(),
        limits.getCpusetCpus(),
        limits.getCpusetMems(),
        limits.getShmBytes(),
        limits.getUlimitsJson(),
        limits.getCgroupParent());
  }
}
