package io.gantry.cri.daemon;

import io.gantry.cri.config.Config;
import io.gantry.cri.grpc.RpcService;
import io.gantry.cri.images.ImageHandlers;
import io.gantry.cri.layers.LinuxLayerTrees;
import io.gantry.cri.status.VersionHandler;
import io.gantry.image.Images;
import io.gantry.image.ImagesSettings;
import io.gantry.image.LocalImages;
import io.gantry.proto.cri.v1.ImageServiceGrpc;
import io.gantry.proto.cri.v1.RuntimeServiceGrpc;
import io.gantry.runtime.linux.Linux;
import io.grpc.ServerServiceDefinition;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.function.Supplier;

/**
 * Puts the daemon's parts together. Every constructor that takes a collaborator is called here;
 * nothing else knows more than its own collaborators.
 */
final class Composition implements AutoCloseable {
  private final RpcService runtime = RpcService.of(RuntimeServiceGrpc.getServiceDescriptor());
  private final RpcService image = RpcService.of(ImageServiceGrpc.getServiceDescriptor());

  private final Linux linux = Linux.open();
  private final Images images;

  private Composition(Supplier<Config> config) throws IOException {
    node();
    images = images(config);
    pods(config);
    containers(config);
  }

  /**
   * Builds all parts and starts those that run by themselves.
   *
   * @param config the settings in force; asked anew wherever a re-read may take effect
   */
  static Composition of(Supplier<Config> config) throws IOException {
    return new Composition(config);
  }

  /**
   * Brings what an earlier daemon left behind back in line with the kernel, before the first
   * request.
   */
  void recover() {}

  List<ServerServiceDefinition> services() {
    return List.of(runtime.build(), image.build());
  }

  private void node() {
    runtime.handle(RuntimeServiceGrpc.getVersionMethod(), new VersionHandler(Release.version()));
  }

  private Images images(Supplier<Config> config) throws IOException {
    Config now = config.get();
    ImagesSettings settings =
        ImagesSettings.of(
            now.paths().root(),
            List.of(now.images().certsDir()),
            now.images().maxConcurrentDownloads());
    Images opened =
        LocalImages.open(settings, new LinuxLayerTrees(linux.files()), Clock.systemUTC());
    ImageHandlers.register(image, opened, Clock.systemUTC());
    return opened;
  }

  private void pods(Supplier<Config> config) {}

  private void containers(Supplier<Config> config) {}

  @Override
  public void close() {
    images.close();
  }
}
