package io.gantry.cri.streaming;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.streaming.process.AttachTarget;
import io.gantry.cri.streaming.process.ExecCommand;
import io.gantry.cri.streaming.process.ProcessOutput;
import io.gantry.cri.streaming.process.ProcessSession;
import io.gantry.cri.streaming.process.ProcessStreams;
import io.gantry.cri.streaming.process.SessionEnd;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Processes that do what a test tells them. Container "c" (and a prefix of "container") runs,
 * "stopped" does not.
 */
final class FakeProcesses implements ProcessStreams {
  final BlockingQueue<Session> sessions = new LinkedBlockingQueue<>();
  volatile Exception refusal;

  /** The next session that a client has begun. */
  Session next() throws InterruptedException {
    Session session = sessions.poll(20, TimeUnit.SECONDS);
    if (session == null) {
      throw new AssertionError("no session began");
    }
    return session;
  }

  @Override
  public String running(String containerId) {
    return switch (containerId) {
      case "c", "container" -> "container";
      case "stopped" ->
          throw CriException.wrongState("container stopped: container is in EXITED state");
      default -> throw CriException.notFound("no container " + containerId);
    };
  }

  @Override
  public ProcessSession exec(ExecCommand command, ProcessOutput output) throws Exception {
    return begin(command, output);
  }

  @Override
  public ProcessSession attach(AttachTarget target, ProcessOutput output) throws Exception {
    return begin(target, output);
  }

  private Session begin(Object request, ProcessOutput output) throws Exception {
    if (refusal != null) {
      throw refusal;
    }
    Session session = new Session(request, output);
    sessions.add(session);
    return session;
  }

  /** A process whose part the test plays. */
  static final class Session implements ProcessSession {
    final Object request;
    final ProcessOutput output;
    final ByteArrayOutputStream stdin = new ByteArrayOutputStream();
    final CountDownLatch stdinClosed = new CountDownLatch(1);
    final BlockingQueue<String> sizes = new LinkedBlockingQueue<>();
    final CountDownLatch closed = new CountDownLatch(1);
    private final CompletableFuture<SessionEnd> ended = new CompletableFuture<>();
    private CompletableFuture<Void> stuck;

    private Session(Object request, ProcessOutput output) {
      this.request = request;
      this.output = output;
    }

    void stdout(String text) throws InterruptedException {
      output.stdout(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    void stderr(String text) throws InterruptedException {
      output.stderr(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    void exit(int code) {
      ended.complete(new SessionEnd.Exited(code));
    }

    void end(SessionEnd end) {
      ended.complete(end);
    }

    /** From now on nothing is taken, until {@link #takeAgain}. */
    synchronized void takeNothing() {
      stuck = new CompletableFuture<>();
    }

    synchronized void takeAgain() {
      stuck.complete(null);
      stuck = null;
    }

    synchronized int taken() {
      return stdin.size();
    }

    synchronized String stdinText() {
      return stdin.toString(StandardCharsets.UTF_8);
    }

    /** Waits until input has come, and returns all so far. */
    synchronized String someStdin() throws InterruptedException {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (stdin.size() == 0 && System.nanoTime() < end) {
        wait(100);
      }
      return stdinText();
    }

    String stdinToEnd() throws InterruptedException {
      if (!stdinClosed.await(20, TimeUnit.SECONDS)) {
        throw new AssertionError("stdin was not closed; it has " + taken() + " bytes");
      }
      return stdinText();
    }

    boolean awaitClosed() throws InterruptedException {
      return closed.await(20, TimeUnit.SECONDS);
    }

    @Override
    public synchronized CompletableFuture<Void> stdin(ByteBuffer bytes) {
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(copy);
      stdin.writeBytes(copy);
      notifyAll();
      return stuck == null ? CompletableFuture.completedFuture(null) : stuck;
    }

    @Override
    public void closeStdin() {
      stdinClosed.countDown();
    }

    @Override
    public void resize(int width, int height) {
      sizes.add(width + "x" + height);
    }

    @Override
    public CompletableFuture<SessionEnd> ended() {
      return ended;
    }

    @Override
    public void close() {
      closed.countDown();
    }
  }
}
