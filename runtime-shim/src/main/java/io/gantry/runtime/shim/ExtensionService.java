package io.gantry.runtime.shim;

import com.google.protobuf.Empty;
import com.google.protobuf.MessageLite;
import io.gantry.proto.shim.v1.ExecSyncRequest;
import io.gantry.proto.shim.v1.InfoRequest;
import io.gantry.proto.shim.v1.InfoResponse;
import io.gantry.proto.shim.v1.ReopenLogRequest;
import io.gantry.runtime.ttrpc.ServerCall;
import io.gantry.runtime.ttrpc.TtrpcService;
import java.util.Map;

/** What gantry's daemon asks beyond the Task API. */
final class ExtensionService {
  private final Tasks tasks;
  private final Surroundings around;
  private final int shimPid;
  private final OpenSessions sessions;
  private final OutputBudget backlogs = new OutputBudget(AttachSession.ALL_BACKLOGS_BYTES);

  ExtensionService(Tasks tasks, Surroundings around, int shimPid, OpenSessions sessions) {
    this.tasks = tasks;
    this.around = around;
    this.shimPid = shimPid;
    this.sessions = sessions;
  }

  TtrpcService service() {
    return new TtrpcService(
        "gantry.shim.v1.ShimExtension",
        Map.of(
            "ReopenLog",
            TaskService.unary(ReopenLogRequest.parser(), this::reopenLog),
            "Info",
            TaskService.unary(InfoRequest.parser(), this::info),
            "ExecSync",
            this::execSync,
            "ExecStream",
            this::execStream,
            "AttachStream",
            this::attachStream));
  }

  private MessageLite reopenLog(ReopenLogRequest request) throws Exception {
    tasks.get(request.getId()).init().io().reopenLog();
    return Empty.getDefaultInstance();
  }

  private MessageLite info(InfoRequest request) {
    return InfoResponse.newBuilder()
        .setVersion(Version.TEXT)
        .setPid(shimPid)
        .addAllContainerIds(tasks.ids())
        .setSpent(tasks.spent())
        .build();
  }

  private void execSync(ServerCall call) {
    try {
      ExecSyncRequest request = call.argument(ExecSyncRequest.parser());
      ExecSyncRun.start(tasks.get(request.getId()), request, call, around);
    } catch (Exception | OutOfMemoryError e) {
      call.fail(Failures.toStatus(e));
    }
  }

  private void execStream(ServerCall call) {
    sessions.add(call);
    try {
      ExecSession.serve(tasks, call, around);
    } catch (Exception | OutOfMemoryError e) {
      call.fail(Failures.toStatus(e));
    }
  }

  private void attachStream(ServerCall call) {
    sessions.add(call);
    try {
      AttachSession.serve(tasks, call, around, backlogs);
    } catch (Exception | OutOfMemoryError e) {
      call.fail(Failures.toStatus(e));
    }
  }
}
