package io.gantry.image.distribution.api;

import io.gantry.image.distribution.exchange.Answer;
import io.gantry.image.distribution.repository.RepositoryName;
import io.gantry.image.distribution.upload.Upload;
import io.gantry.image.distribution.upload.UploadException;
import io.gantry.image.reference.Digest;
import java.io.IOException;

/** How uploads are spoken of. Places are told without a host: a client knows where it is. */
final class UploadAnswers {

  private UploadAnswers() {}

  static String location(RepositoryName name, Upload upload) {
    return "/v2/" + name + "/blobs/uploads/" + upload.id();
  }

  /** An upload that goes on. Nothing received is told as 0-0, as other registries do. */
  static Answer underWay(int status, RepositoryName name, Upload upload) throws IOException {
    return Answer.of(status)
        .with("Location", location(name, upload))
        .with("Range", range(upload))
        .with("Docker-Upload-UUID", upload.id().toString());
  }

  private static String range(Upload upload) throws IOException {
    return "0-" + Math.max(0, upload.received() - 1);
  }

  static Answer stored(RepositoryName name, Digest digest) {
    return Answer.of(201)
        .with("Location", "/v2/" + name + "/blobs/" + digest)
        .with("Docker-Content-Digest", digest.toString());
  }

  static ApiFailure failure(RepositoryName name, Upload upload, UploadException e)
      throws IOException {
    return switch (e.kind()) {
      case OUT_OF_ORDER ->
          new ApiFailure(ErrorCode.RANGE_INVALID, e.getMessage())
              .with("Location", location(name, upload))
              .with("Range", range(upload));
      case WRONG_DIGEST -> new ApiFailure(ErrorCode.DIGEST_INVALID, e.getMessage());
      case TOO_LARGE -> new ApiFailure(ErrorCode.SIZE_INVALID, 413, e.getMessage());
      case TOO_MANY -> new ApiFailure(ErrorCode.TOOMANYREQUESTS, e.getMessage());
      case GONE -> new ApiFailure(ErrorCode.BLOB_UPLOAD_UNKNOWN, e.getMessage());
    };
  }
}
