package io.gantry.image.distribution.api;

import io.gantry.image.distribution.access.Right;
import io.gantry.image.distribution.exchange.Answer;
import io.gantry.image.distribution.exchange.Request;
import io.gantry.image.distribution.repository.RepositoryName;
import io.gantry.image.distribution.upload.Upload;
import io.gantry.image.distribution.upload.UploadException;
import io.gantry.image.distribution.upload.UploadId;
import io.gantry.image.reference.Digest;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code /v2/NAME/blobs/uploads/ID}: an upload under way. */
record UploadEndpoint(Parts parts, RepositoryName name, String id) implements Endpoint {

  // Without a unit in the specification; docker's clients and others send "bytes=" or "bytes ".
  private static final Pattern CONTENT_RANGE =
      Pattern.compile("(?:bytes[ =])?([0-9]{1,18})-([0-9]{1,18})(?:/.*)?");

  @Override
  public Optional<RepositoryName> repository() {
    return Optional.of(name);
  }

  @Override
  public Map<String, Right> methods() {
    return Map.of("GET", Right.PUSH, "PATCH", Right.PUSH, "PUT", Right.PUSH, "DELETE", Right.PUSH);
  }

  @Override
  public Answer serve(Call call) throws IOException {
    Upload upload =
        UploadId.parse(id)
            .flatMap(known -> parts.uploads().find(known, name))
            .orElseThrow(
                () ->
                    new ApiFailure(
                        ErrorCode.BLOB_UPLOAD_UNKNOWN,
                        "there is no such upload in " + name + "; it may have taken too long"));
    try {
      return switch (call.method()) {
        case "PATCH" -> append(call.request(), upload);
        case "PUT" -> finish(call.request(), upload);
        case "DELETE" -> cancel(upload);
        default -> UploadAnswers.underWay(204, name, upload);
      };
    } catch (UploadException e) {
      throw UploadAnswers.failure(name, upload, e);
    }
  }

  private Answer append(Request request, Upload upload) throws IOException {
    upload.append(start(request), request.body());
    return UploadAnswers.underWay(202, name, upload);
  }

  private Answer finish(Request request, Upload upload) throws IOException {
    Digest digest =
        References.digest(
            request
                .parameter("digest")
                .orElseThrow(
                    () ->
                        new ApiFailure(
                            ErrorCode.DIGEST_INVALID, "the parameter digest is missing")));
    upload.finish(start(request), request.body(), digest);
    return UploadAnswers.stored(name, digest);
  }

  private static Answer cancel(Upload upload) throws IOException {
    upload.cancel();
    return Answer.of(204);
  }

  /** Where the client says that it goes on; nothing if it just goes on. */
  private static OptionalLong start(Request request) throws ApiFailure {
    Optional<String> header = request.header("content-range");
    if (header.isEmpty() || request.body().length().orElse(1) == 0) {
      return OptionalLong.empty(); // Of nothing, which closes an upload, the range says nothing.
    }
    Matcher range = CONTENT_RANGE.matcher(header.get());
    if (!range.matches()) {
      throw new ApiFailure(
          ErrorCode.BLOB_UPLOAD_INVALID, "Content-Range must be START-END in bytes");
    }
    long first = Long.parseLong(range.group(1));
    long length = Long.parseLong(range.group(2)) - first + 1;
    OptionalLong announced = request.body().length();
    if (length < 0 || announced.isPresent() && announced.getAsLong() != length) {
      throw new ApiFailure(
          ErrorCode.SIZE_INVALID,
          "Content-Range says " + length + " bytes, Content-Length another number");
    }
    return OptionalLong.of(first);
  }
}
