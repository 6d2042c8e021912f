package io.gantry.cri.images;

import io.gantry.cri.grpc.Answers;
import io.gantry.cri.grpc.ConversationHandler;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Incoming;
import io.gantry.cri.grpc.IncomingBytes;
import io.gantry.image.ImageArchives;
import io.gantry.image.ImageRecord;
import io.gantry.image.failure.ImageException;
import io.gantry.image.manifest.Platform;
import io.gantry.proto.v1.ImportRootFilesystemRequest;
import io.gantry.proto.v1.ImportRootFilesystemResponse;
import io.gantry.proto.v1.ImportRootFilesystemStart;
import java.io.IOException;
import java.util.Optional;

/** ImportRootFilesystem: an image of one layer. */
final class ImportRootFilesystem
    implements ConversationHandler<ImportRootFilesystemRequest, ImportRootFilesystemResponse> {

  private static final String ACT = "import a root file system";

  private final ImageArchives archives;

  ImportRootFilesystem(ImageArchives archives) {
    this.archives = archives;
  }

  @Override
  public void handle(
      Incoming<ImportRootFilesystemRequest> incoming, Answers<ImportRootFilesystemResponse> answers)
      throws IOException, InterruptedException {
    ImportRootFilesystemRequest first =
        incoming.next().orElseThrow(() -> CriException.invalid(ACT + ": no message came"));
    IncomingBytes<ImportRootFilesystemRequest> bytes =
        new IncomingBytes<>(incoming, ImportRootFilesystemRequest::getData, first.getData());
    ImageRecord image;
    try {
      image = archives.readRootFilesystem(wanted(first.getStart()), bytes);
    } catch (ImageException e) {
      throw ImageFailures.ofGiven(ACT, e);
    }
    answers.send(
        ImportRootFilesystemResponse.newBuilder().setImageId(image.id().toString()).build());
  }

  private static ImageArchives.RootFilesystem wanted(ImportRootFilesystemStart start) {
    return new ImageArchives.RootFilesystem(
        start.getReference().isEmpty()
            ? Optional.empty()
            : Optional.of(NamedImages.tag(ACT, start.getReference())),
        start.getComment(),
        start.getConfig().toByteArray(),
        start.getPlatform().isEmpty()
            ? Optional.empty()
            : Optional.of(Platform.parse(start.getPlatform())));
  }
}
