package io.gantry.cri.process;

import com.google.protobuf.ByteString;
import io.gantry.cri.grpc.Answers;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.cri.grpc.Incoming;
import io.gantry.cri.session.ContainerStreams.Begun;
import io.gantry.cri.streaming.process.ProcessOutput;
import io.gantry.cri.streaming.process.ProcessSession;
import io.gantry.cri.streaming.process.SessionEnd;
import io.gantry.proto.v1.ProcessExited;
import io.gantry.proto.v1.ProcessInput;
import io.gantry.proto.v1.ProcessStarted;
import io.gantry.proto.v1.TerminalSize;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;

/**
 * One session between a caller and a process: what the caller sends is passed on as fast as the
 * process takes it, what the process prints as fast as the caller reads it. For one call.
 */
final class SessionTalk {
  private static final int LARGEST_SIZE = 0xffff;

  private final String name;
  private final Incoming<ProcessInput> incoming;
  private final Answers<io.gantry.proto.v1.ProcessOutput> answers;
  private final CountDownLatch startTold = new CountDownLatch(1);

  /** What the caller has sent that cannot be taken; it ends the session. */
  private volatile Optional<CriException> refused = Optional.empty();

  SessionTalk(
      String name,
      Incoming<ProcessInput> incoming,
      Answers<io.gantry.proto.v1.ProcessOutput> answers) {
    this.name = name;
    this.incoming = incoming;
    this.answers = answers;
  }

  /** Begins the session. */
  interface Beginning {
    Begun with(ProcessOutput output) throws Exception;
  }

  /**
   * Talks until the process has ended or the caller is gone.
   *
   * @param size the terminal's first size; null for none
   */
  void run(Beginning beginning, TerminalSize size) throws Exception {
    Begun begun = beginning.with(new Output());
    try (ProcessSession session = begun.session()) {
      if (size != null) {
        resize(session, size);
      }
      answers.send(
          io.gantry.proto.v1.ProcessOutput.newBuilder()
              .setStarted(ProcessStarted.newBuilder().setPid(begun.pid()))
              .build());
      startTold.countDown();
      Thread input = new Thread(() -> pass(session), "input of " + name);
      input.setDaemon(true);
      input.start();
      try {
        SessionEnd end = session.ended().get();
        if (refused.isPresent()) {
          throw refused.get();
        }
        end(end);
      } finally {
        input.interrupt();
      }
    } finally {
      startTold.countDown();
    }
  }

  private void end(SessionEnd end) throws InterruptedException {
    if (end instanceof SessionEnd.Exited exited) {
      answers.send(
          io.gantry.proto.v1.ProcessOutput.newBuilder()
              .setExited(ProcessExited.newBuilder().setExitCode(exited.code()))
              .build());
    } else if (end instanceof SessionEnd.Failed failed) {
      throw new CriException(Failure.UNAVAILABLE, failed.message());
    }
  }

  /** On a thread of its own, which ends with the call. */
  private void pass(ProcessSession session) {
    try {
      Optional<ProcessInput> message = incoming.next();
      boolean more = true;
      while (message.isPresent()) {
        more = pass(session, message.get(), more);
        message = incoming.next();
      }
      if (more) {
        session.closeStdin();
      }
    } catch (InterruptedException over) {
      // The session has ended, or the caller is gone, which the handler's thread is told of, too.
    } catch (ExecutionException e) {
      session.close();
    } catch (CriException e) {
      refused = Optional.of(e);
      session.close();
    }
  }

  /**
   * @param more false once the caller has said that no more input will come
   * @return the same, afterwards
   */
  private boolean pass(ProcessSession session, ProcessInput message, boolean more)
      throws InterruptedException, ExecutionException {
    switch (message.getInputCase()) {
      case STDIN -> {
        ByteString bytes = message.getStdin();
        if (!more) {
          throw CriException.invalid(name + ": input after its end");
        }
        if (!bytes.isEmpty()) {
          session.stdin(ByteBuffer.wrap(bytes.toByteArray())).get();
        }
      }
      case STDIN_END -> {
        if (more) {
          session.closeStdin();
        }
        return false;
      }
      case RESIZE -> resize(session, message.getResize());
      case EXEC, ATTACH, INPUT_NOT_SET ->
          throw CriException.invalid(name + ": only the first message can start anything");
    }
    return more;
  }

  private static void resize(ProcessSession session, TerminalSize size) {
    int width = size.getWidth();
    int height = size.getHeight();
    if (width > 0 && width <= LARGEST_SIZE && height > 0 && height <= LARGEST_SIZE) {
      session.resize(width, height);
    }
  }

  /** Comes on the session's thread, and may come before its start was told. */
  private final class Output implements ProcessOutput {
    @Override
    public void stdout(ByteBuffer bytes) throws InterruptedException {
      startTold.await();
      answers.send(
          io.gantry.proto.v1.ProcessOutput.newBuilder()
              .setStdout(ByteString.copyFrom(bytes))
              .build());
    }

    @Override
    public void stderr(ByteBuffer bytes) throws InterruptedException {
      startTold.await();
      answers.send(
          io.gantry.proto.v1.ProcessOutput.newBuilder()
              .setStderr(ByteString.copyFrom(bytes))
              .build());
    }
  }
}
