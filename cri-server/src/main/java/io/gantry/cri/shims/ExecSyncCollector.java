package io.gantry.cri.shims;

import com.google.protobuf.ByteString;
import io.gantry.proto.shim.v1.ExecSyncOutput;
import io.gantry.runtime.ttrpc.TtrpcCode;
import io.gantry.runtime.ttrpc.TtrpcException;
import java.util.function.Consumer;

/**
 * Puts a command's output together from the messages it comes in. Filled by one thread, read by
 * another after the stream's end.
 */
final class ExecSyncCollector implements Consumer<ExecSyncOutput> {
  private final OutputMemory.Share memory;
  private ByteString stdout = ByteString.EMPTY;
  private ByteString stderr = ByteString.EMPTY;
  private boolean tooMuch;
  private ExecSyncOutput last = ExecSyncOutput.getDefaultInstance();

  /**
   * @param memory stays the caller's to close
   */
  ExecSyncCollector(OutputMemory.Share memory) {
    this.memory = memory;
  }

  @Override
  public void accept(ExecSyncOutput message) {
    if (!tooMuch && !memory.take(message.getStdout().size() + message.getStderr().size())) {
      // The command runs on and is answered when it has ended; its output is of no use any more.
      tooMuch = true;
      memory.close();
      stdout = ByteString.EMPTY;
      stderr = ByteString.EMPTY;
    }
    if (!tooMuch) {
      stdout = stdout.concat(message.getStdout());
      stderr = stderr.concat(message.getStderr());
    }
    last = message;
  }

  ExecSyncResult result() throws TtrpcException {
    if (!last.hasExit()) {
      throw new TtrpcException(
          TtrpcCode.DATA_LOSS, "the shim's answer ended without the command's exit code");
    }
    if (tooMuch) {
      throw new TtrpcException(
          TtrpcCode.RESOURCE_EXHAUSTED,
          "the command has ended, but its output is lost: with that of other commands it was more"
              + " than the "
              + memory.limitBytes()
              + " bytes that are held at once; run fewer at a time");
    }
    return new ExecSyncResult(
        last.getExit().getExitStatus(), last.getExit().getTimedOut(), stdout, stderr);
  }
}
