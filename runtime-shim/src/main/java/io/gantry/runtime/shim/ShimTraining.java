package io.gantry.runtime.shim;

import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.gantry.proto.shim.v1.AttachStart;
import io.gantry.proto.shim.v1.ExecStart;
import io.gantry.proto.shim.v1.ExecSyncRequest;
import io.gantry.proto.shim.v1.InfoRequest;
import io.gantry.proto.shim.v1.InfoResponse;
import io.gantry.proto.shim.v1.ReopenLogRequest;
import io.gantry.proto.shim.v1.StdinClosed;
import io.gantry.proto.shim.v1.StreamInput;
import io.gantry.proto.shim.v1.StreamOutput;
import io.gantry.proto.shim.v1.WindowSize;
import io.gantry.proto.task.v3.CreateTaskRequest;
import io.gantry.proto.task.v3.CreateTaskResponse;
import io.gantry.proto.task.v3.DeleteRequest;
import io.gantry.proto.task.v3.KillRequest;
import io.gantry.proto.task.v3.ShutdownRequest;
import io.gantry.proto.task.v3.StartRequest;
import io.gantry.proto.task.v3.StartResponse;
import io.gantry.proto.task.v3.StateRequest;
import io.gantry.proto.task.v3.StateResponse;
import io.gantry.proto.task.v3.StatsRequest;
import io.gantry.proto.task.v3.StatsResponse;
import io.gantry.proto.task.v3.WaitRequest;
import io.gantry.proto.task.v3.WaitResponse;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.ttrpc.CallOptions;
import io.gantry.runtime.ttrpc.ClientStream;
import io.gantry.runtime.ttrpc.TtrpcClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * A short life of a shim, run once while the class data archive is made, so that the archive holds
 * the classes of a real one. Where containers cannot be made (no root), the calls fail as they do
 * in life, which loads most classes all the same.
 */
final class ShimTraining {
  private static final String TASK = "containerd.task.v3.Task";
  private static final String EXTENSION = "gantry.shim.v1.ShimExtension";
  private static final CallOptions OPTIONS = CallOptions.within(Duration.ofSeconds(20));
  private static final int SIGKILL = 9;

  private final TtrpcClient client;
  private final Path socket;
  private final Path directory;

  private ShimTraining(TtrpcClient client, Path socket, Path directory) {
    this.client = client;
    this.socket = socket;
    this.directory = directory;
  }

  static void run(Linux linux) throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("gantry-shim-training");
    Path socket = directory.resolve("shim.sock");
    Thread server =
        new Thread(
            () -> {
              try {
                new ShimServer(linux, System.err)
                    .run(socket, "training", Optional.of(Duration.ofSeconds(60)));
              } catch (IOException e) {
                System.err.println("training: " + e.getMessage());
              }
            });
    server.setDaemon(true);
    server.start();
    try {
      Optional<TtrpcClient> client = connect(socket, server);
      if (client.isPresent()) {
        new ShimTraining(client.get(), socket, directory).live();
        server.join();
        client.get().close();
      }
    } finally {
      delete(directory);
    }
  }

  /** Empty when the server cannot run on this machine, which it has said by then. */
  private static Optional<TtrpcClient> connect(Path socket, Thread server)
      throws InterruptedException {
    while (true) {
      try {
        return Optional.of(TtrpcClient.connect(socket));
      } catch (IOException e) {
        server.join(10);
        if (!server.isAlive()) {
          return Optional.empty();
        }
      }
    }
  }

  private void live() throws IOException, InterruptedException {
    String id = "gantry-training-" + ProcessHandle.current().pid();
    Path rootfs = Files.createDirectories(directory.resolve("rootfs"));
    Files.writeString(directory.resolve("config.json"), TrainingBundle.config(rootfs, id));
    String log = "gantry-log://" + directory.resolve("log");
    CreateTaskRequest create =
        CreateTaskRequest.newBuilder()
            .setId(id)
            .setBundle(directory.toString())
            .setStdin("gantry-stdin:///?once=false")
            .setStdout(log)
            .setStderr(log)
            .build();
    call(EXTENSION, "Info", InfoRequest.getDefaultInstance(), InfoResponse.parser());
    call(TASK, "Create", create, CreateTaskResponse.parser());
    call(TASK, "Start", StartRequest.newBuilder().setId(id).build(), StartResponse.parser());
    call(TASK, "State", StateRequest.newBuilder().setId(id).build(), StateResponse.parser());
    call(TASK, "Stats", StatsRequest.newBuilder().setId(id).build(), StatsResponse.parser());
    call(EXTENSION, "ReopenLog", ReopenLogRequest.newBuilder().setId(id).build(), Empty.parser());
    ExecSyncRequest exec =
        ExecSyncRequest.newBuilder()
            .setId(id)
            .setProcessSpec(ByteString.copyFrom(TrainingBundle.process(), StandardCharsets.UTF_8))
            .setTimeoutMillis(5000)
            .setOutputLimitBytes(1 << 16)
            .build();
    call(EXTENSION, "ExecSync", exec, Empty.parser());
    ExecStart.Builder session =
        ExecStart.newBuilder()
            .setId(id)
            .setProcessSpec(exec.getProcessSpec())
            .setStdin(true)
            .setStdout(true)
            .setStderr(true);
    stream("ExecStream", StreamInput.newBuilder().setExec(session).build(), 10);
    session.setProcessSpec(
        ByteString.copyFrom(TrainingBundle.terminalProcess(), StandardCharsets.UTF_8));
    stream("ExecStream", StreamInput.newBuilder().setExec(session).build(), 10);
    AttachStart attach = AttachStart.newBuilder().setId(id).setStdin(true).setStdout(true).build();
    stream("AttachStream", StreamInput.newBuilder().setAttach(attach).build(), 1);
    KillRequest kill = KillRequest.newBuilder().setId(id).setSignal(SIGKILL).setAll(true).build();
    call(TASK, "Kill", kill, Empty.parser());
    call(TASK, "Wait", WaitRequest.newBuilder().setId(id).build(), WaitResponse.parser());
    call(TASK, "Delete", DeleteRequest.newBuilder().setId(id).build(), Empty.parser());
    call(TASK, "Shutdown", ShutdownRequest.newBuilder().setId(id).build(), Empty.parser());
  }

  /** A session with a little input, which ends itself or is given up after some seconds. */
  private void stream(String method, StreamInput first, int seconds)
      throws IOException, InterruptedException {
    try (TtrpcClient own = TtrpcClient.connect(socket)) {
      ClientStream<StreamInput, StreamOutput> stream =
          own.open(EXTENSION, method, StreamOutput.parser(), CallOptions.NONE, message -> {});
      stream.send(first);
      WindowSize size = WindowSize.newBuilder().setWidth(80).setHeight(24).build();
      stream.send(StreamInput.newBuilder().setResize(size).build());
      stream.send(StreamInput.newBuilder().setStdin(ByteString.copyFromUtf8("x\n")).build());
      stream.send(
          StreamInput.newBuilder().setStdinClosed(StdinClosed.getDefaultInstance()).build());
      stream.result().get(seconds, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      System.err.println("training: " + method + ": " + e.getCause().getMessage());
    } catch (TimeoutException e) {
      // The container runs on: detaching is what is left to do.
    }
  }

  private <T extends MessageLite> void call(
      String service, String method, MessageLite argument, Parser<T> parser)
      throws InterruptedException {
    try {
      client.call(service, method, argument, parser, OPTIONS).get();
    } catch (ExecutionException e) {
      // A failure is part of life too; which classes it needs is all that matters here.
      System.err.println("training: " + method + ": " + e.getCause().getMessage());
    }
  }

  private static void delete(Path directory) throws IOException {
    List<Path> all;
    try (Stream<Path> walk = Files.walk(directory)) {
      all = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : all) {
      Files.deleteIfExists(path);
    }
  }
}
