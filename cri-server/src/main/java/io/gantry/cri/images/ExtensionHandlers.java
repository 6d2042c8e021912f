package io.gantry.cri.images;

import io.gantry.cri.grpc.RpcService;
import io.gantry.image.ImageArchives;
import io.gantry.image.ImageNames;
import io.gantry.image.LocalImages;
import io.gantry.image.Pushes;
import io.gantry.proto.v1.ImagesGrpc;

/** Puts the handlers of {@code gantry.v1.Images} in their places. */
public final class ExtensionHandlers {

  private ExtensionHandlers() {}

  public static void register(RpcService service, LocalImages images) {
    ImageNames names = images.names();
    ImageArchives archives = images.archives();
    Pushes pushes = images.pushes();
    ImageInspection inspection = new ImageInspection(images, names);
    service.stream(ImagesGrpc.getPullMethod(), new PullWithProgress(images, names)).stream(
            ImagesGrpc.getPushMethod(), new PushImage(images, pushes))
        .handle(ImagesGrpc.getLoginMethod(), new RegistryLogin(pushes))
        .handle(ImagesGrpc.getResolveMethod(), new ResolveImage(images.remote()))
        .handle(ImagesGrpc.getTagMethod(), new TagImage(names))
        .handle(ImagesGrpc.getUntagMethod(), new UntagImage(names))
        .handle(ImagesGrpc.getInspectMethod(), inspection)
        .stream(ImagesGrpc.getListMethod(), inspection)
        .stream(ImagesGrpc.getExportMethod(), new ExportImages(images, archives))
        .converse(ImagesGrpc.getImportMethod(), new ImportImages(archives))
        .converse(ImagesGrpc.getImportRootFilesystemMethod(), new ImportRootFilesystem(archives));
  }
}
