package io.gantry.runtime.shim;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import io.gantry.proto.runc.v1.CheckpointOptions;
import io.gantry.proto.shim.v1.CriuOptions;
import io.gantry.proto.task.v3.CheckpointTaskRequest;
import io.gantry.proto.task.v3.CreateTaskRequest;
import io.gantry.runtime.container.CheckpointRequest;
import io.gantry.runtime.container.Restoration;
import io.gantry.runtime.criu.CriuSettings;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads what requests say of checkpoints; with options of gantry's own, or of runc's shim. */
final class Checkpoints {
  private static final String OWN_OPTIONS = "gantry.shim.v1.CriuOptions";
  private static final String RUNC_OPTIONS = "containerd.runc.v1.CheckpointOptions";

  private Checkpoints() {}

  static CheckpointRequest request(CheckpointTaskRequest request)
      throws InvalidProtocolBufferException {
    String images = request.getPath();
    String work = images;
    boolean exit = false;
    if (typeOf(request.getOptions()).equals(RUNC_OPTIONS)) {
      CheckpointOptions options = CheckpointOptions.parseFrom(request.getOptions().getValue());
      images = options.getImagePath().isEmpty() ? images : options.getImagePath();
      work = options.getWorkPath().isEmpty() ? images : options.getWorkPath();
      exit = options.getExit();
    } else if (typeOf(request.getOptions()).equals(OWN_OPTIONS)) {
      String wanted = CriuOptions.parseFrom(request.getOptions().getValue()).getWorkPath();
      work = wanted.isEmpty() ? images : wanted;
    }
    if (!images.startsWith("/") || !work.startsWith("/")) {
      throw new IllegalArgumentException(
          "checkpoint container " + request.getId() + ": path \"" + images + "\" is not absolute");
    }
    return new CheckpointRequest(Path.of(images), Path.of(work), !exit, criu(request.getOptions()));
  }

  static Optional<Restoration> restoration(CreateTaskRequest request)
      throws InvalidProtocolBufferException {
    if (request.getCheckpoint().isEmpty()) {
      return Optional.empty();
    }
    Path images = Path.of(request.getCheckpoint());
    return Optional.of(new Restoration(images, criu(request.getOptions())));
  }

  private static CriuSettings criu(Any options) throws InvalidProtocolBufferException {
    if (!typeOf(options).equals(OWN_OPTIONS)) {
      return CriuSettings.DEFAULT;
    }
    CriuOptions own = CriuOptions.parseFrom(options.getValue());
    String program = own.getProgram().isEmpty() ? CriuSettings.DEFAULT.program() : own.getProgram();
    long millis = own.getTimeoutMillis();
    return new CriuSettings(program, millis == 0 ? OptionalLong.empty() : OptionalLong.of(millis));
  }

  private static String typeOf(Any options) {
    String url = options.getTypeUrl();
    return url.substring(url.lastIndexOf('/') + 1);
  }
}
