package io.gantry.cri.streaming;

import io.gantry.cri.streaming.portforward.PodLoopback;
import io.gantry.cri.streaming.portforward.PortForward;
import io.gantry.proto.cri.v1.AttachRequest;
import io.gantry.proto.cri.v1.ExecRequest;
import io.gantry.runtime.linux.Linux;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A streaming server on a free port, and processes that a test plays. */
final class StreamingRig implements AutoCloseable {
  final FakeProcesses processes = new FakeProcesses();
  final StreamingServer server;
  private final ExecutorService work = Executors.newCachedThreadPool();

  StreamingRig() throws IOException {
    this(Duration.ofSeconds(30), Duration.ofHours(4));
  }

  StreamingRig(Duration streamCreation, Duration idle) throws IOException {
    this(
        new StreamingSettings(
            InetAddress.getLoopbackAddress(), 0, Optional.empty(), idle, streamCreation));
  }

  StreamingRig(StreamingSettings settings) throws IOException {
    server = StreamingServer.start(settings, work);
  }

  String exec(boolean tty, boolean stdin, boolean stdout, boolean stderr) {
    ExecRequest request =
        ExecRequest.newBuilder()
            .setContainerId("c")
            .addCmd("program")
            .setTty(tty)
            .setStdin(stdin)
            .setStdout(stdout)
            .setStderr(stderr)
            .build();
    return new ExecHandler(server, processes).handle(request).getUrl();
  }

  /** With stdin, stdout and stderr. */
  String exec() {
    return exec(false, true, true, true);
  }

  String attach() {
    AttachRequest request =
        AttachRequest.newBuilder()
            .setContainerId("c")
            .setStdin(true)
            .setStdout(true)
            .setStderr(true)
            .build();
    return new AttachHandler(server, processes).handle(request).getUrl();
  }

  /** To ports of this machine. */
  String portForward(Integer... ports) {
    return server.promise("pod", List.of(ports), new PodLoopback(Linux.open(), Optional.empty()));
  }

  /** To any port of this machine, with another limit for those who take nothing. */
  String portForward(Duration stallLimit) {
    return server.promise(
        new Promise.OfPorts(
            new PortForward(
                "pod",
                List.of(),
                new PodLoopback(Linux.open(), Optional.empty()),
                Duration.ofSeconds(30),
                stallLimit,
                work)));
  }

  @Override
  public void close() {
    server.close();
    work.shutdownNow();
  }
}
