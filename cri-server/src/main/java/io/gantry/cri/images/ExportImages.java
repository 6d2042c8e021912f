package io.gantry.cri.images;

import com.google.protobuf.ByteString;
import io.gantry.cri.grpc.Answers;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.StreamHandler;
import io.gantry.image.ImageArchives;
import io.gantry.image.ImageRecord;
import io.gantry.image.Images;
import io.gantry.image.failure.ImageException;
import io.gantry.image.reference.Digest;
import io.gantry.image.reference.InvalidReferenceException;
import io.gantry.image.reference.Reference;
import io.gantry.proto.v1.ArchiveChunk;
import io.gantry.proto.v1.ExportRequest;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Export: images as one archive; an image has in it the names by which it was asked for. */
final class ExportImages implements StreamHandler<ExportRequest, ArchiveChunk> {

  private static final int CHUNK_BYTES = 256 << 10;

  private final Images images;
  private final ImageArchives archives;

  ExportImages(Images images, ImageArchives archives) {
    this.images = images;
    this.archives = archives;
  }

  @Override
  public void handle(ExportRequest request, Answers<ArchiveChunk> answers)
      throws IOException, InterruptedException {
    if (request.getImagesList().isEmpty()) {
      throw CriException.invalid("export images: no image is named");
    }
    Map<Digest, ImageRecord> records = new LinkedHashMap<>();
    Map<Digest, List<String>> names = new LinkedHashMap<>();
    for (String name : request.getImagesList()) {
      ImageRecord image = NamedImages.find("export images", images, name);
      records.put(image.id(), image);
      List<String> all = names.computeIfAbsent(image.id(), any -> new ArrayList<>());
      tag(image, name).filter(tag -> !all.contains(tag)).ifPresent(all::add);
    }
    List<ImageArchives.Selection> selected = new ArrayList<>();
    records.forEach((id, image) -> selected.add(new ImageArchives.Selection(image, names.get(id))));
    // Pieces as large as the buffer: what is written is copied once.
    try (OutputStream out = new BufferedOutputStream(new Chunks(answers), CHUNK_BYTES)) {
      archives.write(selected, out);
    } catch (InterruptedIOException e) {
      throw (InterruptedException) new InterruptedException(e.getMessage()).initCause(e);
    } catch (ImageException e) {
      throw ImageFailures.translated("export images", e);
    }
  }

  /** The tag that a request names an image by; nothing for ids and digests. */
  private static Optional<String> tag(ImageRecord image, String name) {
    try {
      return Reference.parse(name).repoTag().filter(image.repoTags()::contains);
    } catch (InvalidReferenceException anId) {
      return Optional.empty();
    }
  }

  private static final class Chunks extends OutputStream {
    private final Answers<ArchiveChunk> answers;

    Chunks(Answers<ArchiveChunk> answers) {
      this.answers = answers;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      int at = offset;
      while (at < offset + length) {
        int piece = Math.min(CHUNK_BYTES, offset + length - at);
        try {
          answers.send(
              ArchiveChunk.newBuilder().setData(ByteString.copyFrom(bytes, at, piece)).build());
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new InterruptedIOException("the caller is gone");
        }
        at += piece;
      }
    }
  }
}
