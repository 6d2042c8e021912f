package io.gantry.cri.shims;

import io.gantry.proto.shim.v1.ExecSyncOutput;
import io.gantry.runtime.ttrpc.TtrpcCode;
import io.gantry.runtime.ttrpc.TtrpcException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Consumer;

/**
 * Puts a command's output together from the messages it comes in. Filled by one thread, read by
 * another after the stream's end.
 */
final class ExecSyncCollector implements Consumer<ExecSyncOutput> {
  private final ByteArrayOutputStream stdout = new ByteArrayOutputStream(0);
  private final ByteArrayOutputStream stderr = new ByteArrayOutputStream(0);
  private ExecSyncOutput last = ExecSyncOutput.getDefaultInstance();

  @Override
  public void accept(ExecSyncOutput message) {
    try {
      message.getStdout().writeTo(stdout);
      message.getStderr().writeTo(stderr);
    } catch (IOException e) {
      throw new UncheckedIOException("memory cannot fail to be written", e);
    }
    last = message;
  }

  ExecSyncResult result() throws TtrpcException {
    if (!last.hasExit()) {
      throw new TtrpcException(
          TtrpcCode.DATA_LOSS, "the shim's answer ended without the command's exit code");
    }
    return new ExecSyncResult(
        last.getExit().getExitStatus(),
        last.getExit().getTimedOut(),
        stdout.toByteArray(),
        stderr.toByteArray());
  }
}
