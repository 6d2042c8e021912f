package io.gantry.cri.images;

import io.gantry.cri.grpc.RpcService;
import io.gantry.image.ImageArchives;
import io.gantry.image.ImageNames;
import io.gantry.image.LocalImages;
import io.gantry.proto.v1.ImagesGrpc;

/** Puts the handlers of {@code gantry.v1.Images} in their places. */
public final class ExtensionHandlers {

  private ExtensionHandlers() {}

  public static void register(RpcService service, LocalImages images) {
    ImageNames names = images.names();
    ImageArchives archives = images.archives();
    ImageInspection inspection = new ImageInspection(images, names);
    service
        .handle(ImagesGrpc.getTagMethod(), new TagImage(names))
        .handle(ImagesGrpc.getUntagMethod(), new UntagImage(names))
        .handle(ImagesGrpc.getInspectMethod(), inspection)
        .stream(ImagesGrpc.getListMethod(), inspection)
        .stream(ImagesGrpc.getExportMethod(), new ExportImages(images, archives))
        .converse(ImagesGrpc.getImportMethod(), new ImportImages(archives))
        .converse(ImagesGrpc.getImportRootFilesystemMethod(), new ImportRootFilesystem(archives));
  }
}
