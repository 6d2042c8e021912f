package io.gantry.cri.images;

import com.google.protobuf.ByteString;
import io.gantry.cri.grpc.Answers;
import io.gantry.cri.grpc.ConversationHandler;
import io.gantry.cri.grpc.Incoming;
import io.gantry.cri.grpc.IncomingBytes;
import io.gantry.image.ImageArchives;
import io.gantry.image.ImageRecord;
import io.gantry.image.failure.ImageException;
import io.gantry.proto.v1.ImportProgress;
import io.gantry.proto.v1.ImportRequest;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.List;

/** Import: the images of an archive. A caller that goes away in the middle leaves nothing. */
final class ImportImages implements ConversationHandler<ImportRequest, ImportProgress> {

  private final ImageArchives archives;

  ImportImages(ImageArchives archives) {
    this.archives = archives;
  }

  @Override
  public void handle(Incoming<ImportRequest> incoming, Answers<ImportProgress> answers)
      throws IOException, InterruptedException {
    IncomingBytes<ImportRequest> bytes =
        new IncomingBytes<>(incoming, ImportRequest::getData, ByteString.EMPTY);
    List<ImageArchives.Imported> images;
    try {
      images =
          archives.read(
              bytes,
              (blob, size) ->
                  send(
                      answers,
                      ImportProgress.newBuilder()
                          .setLayerDigest(blob.toString())
                          .setCurrentBytes(size)
                          .build()));
    } catch (ImageException e) {
      throw ImageFailures.ofGiven("import images", e);
    }
    for (ImageArchives.Imported imported : images) {
      ImageRecord image = imported.image();
      answers.send(
          ImportProgress.newBuilder()
              .setImageId(image.id().toString())
              .addAllReferences(imported.names())
              .build());
    }
  }

  private static void send(Answers<ImportProgress> answers, ImportProgress progress)
      throws IOException {
    try {
      answers.send(progress);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the caller is gone");
    }
  }
}
