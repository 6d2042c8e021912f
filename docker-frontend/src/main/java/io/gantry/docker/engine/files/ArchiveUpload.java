package io.gantry.docker.engine.files;

import com.google.protobuf.ByteString;
import io.gantry.proto.v1.LayersGrpc;
import io.gantry.proto.v1.WriteArchiveRequest;
import io.gantry.proto.v1.WriteArchiveResponse;
import io.gantry.proto.v1.WriteArchiveStart;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.IOException;
import java.io.InputStream;

/** Sends an archive as fast as it is taken. For one call. */
final class ArchiveUpload
    implements ClientResponseObserver<WriteArchiveRequest, WriteArchiveResponse> {
  private static final int CHUNK_BYTES = 64 << 10;

  private ClientCallStreamObserver<WriteArchiveRequest> to; // set before the call begins
  private Status end; // guarded by this; null before

  private ArchiveUpload() {}

  /**
   * Sends it and waits for it to be unpacked.
   *
   * @throws StatusRuntimeException as the daemon says
   */
  static void send(Channel channel, WriteArchiveStart start, InputStream archive)
      throws IOException, InterruptedException {
    ArchiveUpload upload = new ArchiveUpload();
    LayersGrpc.newStub(channel).writeArchive(upload);
    try {
      upload.pass(WriteArchiveRequest.newBuilder().setStart(start).build());
      byte[] buffer = new byte[CHUNK_BYTES];
      for (int count = archive.read(buffer); count >= 0; count = archive.read(buffer)) {
        ByteString data = ByteString.copyFrom(buffer, 0, count);
        if (!upload.pass(WriteArchiveRequest.newBuilder().setData(data).build())) {
          break;
        }
      }
      upload.finish();
    } catch (IOException | InterruptedException | RuntimeException e) {
      upload.to.cancel("the archive breaks off", e);
      throw e;
    }
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<WriteArchiveRequest> call) {
    to = call;
    to.setOnReadyHandler(this::changed);
  }

  private synchronized void changed() {
    notifyAll();
  }

  /** False once the call is over. */
  private boolean pass(WriteArchiveRequest message) throws InterruptedException {
    synchronized (this) {
      while (end == null && !to.isReady()) {
        wait();
      }
      if (end != null) {
        return false;
      }
    }
    to.onNext(message);
    return true;
  }

  private void finish() throws InterruptedException {
    Status status;
    synchronized (this) {
      status = end;
    }
    if (status == null) {
      to.onCompleted();
    }
    synchronized (this) {
      while (end == null) {
        wait();
      }
      status = end;
    }
    if (!status.isOk()) {
      throw status.asRuntimeException();
    }
  }

  @Override
  public void onNext(WriteArchiveResponse response) {}

  @Override
  public synchronized void onError(Throwable failure) {
    end = Status.fromThrowable(failure);
    notifyAll();
  }

  @Override
  public synchronized void onCompleted() {
    end = Status.OK;
    notifyAll();
  }
}
