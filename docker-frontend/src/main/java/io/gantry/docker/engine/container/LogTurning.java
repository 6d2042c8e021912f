package io.gantry.docker.engine.container;

import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.logs.LogFiles;
import io.gantry.docker.engine.options.LogSettings;
import io.gantry.docker.engine.record.ContainerRecords;
import io.gantry.docker.engine.record.DockerContainer;
import io.gantry.docker.engine.runtime.Runtime;
import io.gantry.proto.cri.v1.ReopenContainerLogRequest;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps logs within what their containers were given: moves the file aside, has a new one begun.
 */
final class LogTurning {
  private static final Logger log = LoggerFactory.getLogger(LogTurning.class);

  private final Runtime runtime;
  private final ContainerRecords records;

  LogTurning(Runtime runtime, ContainerRecords records) {
    this.runtime = runtime;
    this.records = records;
  }

  /** Looks at all logs that are written to; to be called now and then. */
  void look() {
    for (DockerContainer container : records.all()) {
      if (container.status().isRunning()) {
        try {
          look(container);
        } catch (EngineException | IOException | RuntimeException e) {
          log.atWarn()
              .addKeyValue("container", container.id())
              .addKeyValue("error", e)
              .log("could not turn the log over");
        }
      }
    }
  }

  private void look(DockerContainer container) throws EngineException, IOException {
    LogSettings settings = LogSettings.of(container.hostConfig());
    if (!settings.isKept() || settings.maxBytes().isEmpty()) {
      return;
    }
    LogFiles files = new LogFiles(records.logFile(container));
    if (files.turnOver(settings.maxBytes().getAsLong(), settings.maxFiles())) {
      runtime
          .pods()
          .reopenContainerLog(
              ReopenContainerLogRequest.newBuilder().setContainerId(container.runtimeId()).build());
      files.afterTurn(settings.maxFiles());
    }
  }
}
