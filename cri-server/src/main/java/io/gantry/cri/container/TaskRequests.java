package io.gantry.cri.container;

import com.google.protobuf.Any;
import io.gantry.image.snapshot.SnapshotMount;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.shim.v1.CriuOptions;
import io.gantry.proto.task.v3.CreateTaskRequest;
import io.gantry.proto.types.Mount;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;

/** What is said to a shim about a new container. */
final class TaskRequests {
  /** Output that is not logged can still be attached to. */
  private static final String WATCHED = "gantry-attach:///";

  private static final String CRIU_OPTIONS = "gantry.shim.v1.CriuOptions";

  private TaskRequests() {}

  /**
   * @param maxLogLineBytes longer lines are logged in parts
   */
  static CreateTaskRequest create(
      Preparation.Prepared prepared, int maxLogLineBytes, LogLimits limits) {
    ContainerRecord record = prepared.record();
    ContainerConfig config = record.config();
    CreateTaskRequest.Builder request =
        CreateTaskRequest.newBuilder()
            .setId(record.id())
            .setBundle(prepared.bundle().toString())
            .setTerminal(config.getTty());
    for (SnapshotMount mount : prepared.root()) {
      request.addRootfs(
          Mount.newBuilder()
              .setType(mount.type())
              .setSource(mount.source())
              .addAllOptions(mount.options()));
    }
    if (prepared.source().isPresent()) {
      CheckpointSources.Source source = prepared.source().get();
      CriuOptions options = CriuOptions.newBuilder().setProgram(source.criu().toString()).build();
      request
          .setCheckpoint(source.processes().toString())
          .setOptions(Any.newBuilder().setTypeUrl(CRIU_OPTIONS).setValue(options.toByteString()));
    }
    if (config.getStdin()) {
      request.setStdin("gantry-stdin:///?once=" + config.getStdinOnce());
    }
    String output =
        record
            .logPath()
            .map(path -> logUri(path, maxLogLineBytes) + limits.query())
            .orElse(WATCHED);
    request.setStdout(output).setStderr(config.getTty() ? "" : output);
    return request.build();
  }

  private static String logUri(Path path, int maxLineBytes) {
    try {
      String escaped = new URI(null, null, path.toString(), null).toASCIIString();
      return "gantry-log://" + escaped + "?max-line=" + maxLineBytes;
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("log path " + path + " fits no URI", e);
    }
  }
}
